import Devices
import LinuxSystem

/// virtio-net that the host's kernel serves, on threads of its own.
final class VhostNIC: AttachedDevice {
  let device: VirtioVhost

  init(_ device: VirtioVhost) {
    self.device = device
  }

  var commandLine: String { "" }
  var failure: String? { device.failure.map { "the virtio network interface needs a reset: \($0)" } }
  var threads: [Int32] { [] }
  var countNames: [String] { [] }
  /// The kernel counts nothing that could be read.
  var counts: [String: UInt64] { [:] }
  func start(on cpus: [Int?]) throws(SystemError) {}
  func stop() { device.reset() }
  func join(until deadline: UInt64) {}
}
