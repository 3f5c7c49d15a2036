import Devices
import Frames
import GuestMemory
import LinuxSystem

/// virtio-net with its I/O thread.
final class VirtioNIC: AttachedDevice {
  let device: VirtioNet
  let commandLine: String
  private let mode: ServiceMode
  private let ioThread: MachineThread

  init(
    _ link: any FrameLink, _ memory: GuestMemory, _ mode: ServiceMode, _ options: NetOptions, commandLine: String
  ) throws(SystemError) {
    ioThread = try MachineThread("net")
    device = try VirtioNet(memory: memory, link: link, options: options)
    self.mode = mode
    self.commandLine = commandLine
  }

  var threads: [Int32] { [ioThread.identifier] }

  var failure: String? {
    ioThread.problem ?? device.failure.map { "the virtio network interface needs a reset: \($0)" }
      ?? device.firstError
  }

  var countNames: [String] { ["doorbells", "interrupts", "io_wakeups"] }
  var counts: [String: UInt64] {
    var counts = ["interrupts": device.counters[.interrupts], "io_wakeups": device.counters[.wakeups]]
    counts["doorbells"] = EventCounter.signals(of: device.doorbell(queue: 0))
    return counts
  }

  func start(on cpus: [Int?]) throws(SystemError) {
    try ioThread.start(on: cpus[0]) { [self] () throws(SystemError) in try device.serve(mode: mode) }
  }

  func park(_ isParked: Bool) { device.park(isParked) }

  func stop() { device.stop() }

  func join(until deadline: UInt64) { ioThread.join(until: deadline) }
}
