import Devices
import GuestMemory
import LinuxSystem
import Storage

/// virtio-blk with its I/O thread.
final class VirtioDisk: AttachedDevice, @unchecked Sendable {
  // @unchecked: `backing` is used by the I/O thread alone.

  let device: VirtioBlock
  let commandLine: String
  private let mode: ServiceMode
  private var backing: Backing
  private let ioThread: MachineThread

  init(
    _ backing: consuming Backing, _ memory: GuestMemory, _ mode: ServiceMode, _ options: BlockOptions,
    commandLine: String
  ) throws(SystemError) {
    ioThread = try MachineThread("io")
    device = try VirtioBlock(memory: memory, disk: BlockDisk(of: backing), options: options)
    self.mode = mode
    self.backing = backing
    self.commandLine = commandLine
  }

  var thread: Int32 { ioThread.identifier }

  var failure: String? {
    ioThread.problem ?? device.failure.map { "the virtio disk needs a reset: \($0)" }
      ?? device.firstErrors.first.map { "the disk failed: \($0)" }
  }

  var countNames: [String] { ["backend_calls", "backend_copies", "doorbells", "interrupts", "io_wakeups"] }
  var counts: [String: UInt64] {
    var counts = ["interrupts": device.counters[.interrupts], "io_wakeups": device.counters[.wakeups]]
    (counts["backend_calls"], counts["backend_copies"]) = (device.counters[.calls], device.counters[.copies])
    counts["doorbells"] = EventCounter.signals(of: device.doorbell(queue: 0))
    return counts
  }

  func start(on cpu: Int?) throws(SystemError) {
    try ioThread.start(on: cpu) { [self] () throws(SystemError) in try device.serve(&backing, mode: mode) }
  }

  func park(_ isParked: Bool) { device.park(isParked) }

  func stop() { device.stop() }

  func join(until deadline: UInt64) { ioThread.join(until: deadline) }
}
