import Devices
import Frames
import GuestMemory
import LinuxSystem

/// The e1000 with its I/O thread, which receives.
final class E1000NIC: AttachedDevice {
  let device: E1000
  private let ioThread: MachineThread

  init(_ device: E1000) throws(SystemError) {
    ioThread = try MachineThread("e1000")
    self.device = device
  }

  var commandLine: String { "" }
  var threads: [Int32] { [ioThread.identifier] }
  var failure: String? { ioThread.problem ?? device.firstError }

  var countNames: [String] { ["interrupts"] }
  var counts: [String: UInt64] { ["interrupts": device.counters.interrupts] }

  func start(on cpus: [Int?]) throws(SystemError) {
    try ioThread.start(on: cpus[0]) { [self] () throws(SystemError) in try device.serve() }
  }

  func stop() { device.stop() }

  func join(until deadline: UInt64) { ioThread.join(until: deadline) }
}
