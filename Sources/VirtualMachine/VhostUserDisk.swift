import Devices
import LinuxSystem

/// virtio-blk that a vhost-user back end serves, in a process of its own.
final class VhostUserDisk: AttachedDevice {
  let device: VhostUserBlock

  init(_ device: VhostUserBlock) {
    self.device = device
  }

  var commandLine: String { "" }
  var failure: String? { device.firstFailure }
  var threads: [Int32] { [] }
  var countNames: [String] { [] }
  /// What goes between the guest and the back end does not come by here.
  var counts: [String: UInt64] { [:] }
  var uncounted: [String: String] {
    let reason =
      "is between KVM and the vhost-user back end: the eventfd is the back end's to read, and tells nobody else"
    return ["doorbells": "a doorbell \(reason)", "interrupts": "an interrupt \(reason)"]
  }
  func start(on cpus: [Int?]) throws(SystemError) {}
  func stop() {}
  /// Until its rings are stopped and drained.
  func join(until deadline: UInt64) { device.reset(until: deadline) }
}
