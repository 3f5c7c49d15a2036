import Devices
import GuestMemory
import LinuxSystem
import Storage

/// virtio-blk with its I/O threads.
final class VirtioDisk: AttachedDevice {
  let device: VirtioBlock
  let commandLine: String
  private let mode: ServiceMode
  private let ioThreads: [IOThread]

  /// One of the threads, with the engine that it alone uses.
  private final class IOThread: @unchecked Sendable {
    // @unchecked: `backing` is used by the thread alone.
    let thread: MachineThread
    var backing: Backing

    init(_ backing: consuming Backing, number: Int) throws(SystemError) {
      thread = try MachineThread(number == 0 ? "io" : "io\(number)")
      self.backing = backing
    }
  }

  /// Opens the disk once for each thread.
  init(
    _ backing: BackingSpecification, _ disk: DiskConfiguration, _ memory: GuestMemory, _ mode: ServiceMode, commandLine: String
  ) throws(SystemError) {
    var first = try backing.open(readOnly: disk.isReadOnly)
    first.delay = disk.delay
    device = try VirtioBlock(memory: memory, disk: BlockDisk(of: first), options: disk.options)
    var threads: [IOThread] = []
    for number in 1..<max(1, disk.options.threads) {
      var further = try backing.open(beside: first)
      further.delay = disk.delay
      threads.append(try IOThread(further, number: number))
    }
    ioThreads = [try IOThread(first, number: 0)] + threads
    self.mode = mode
    self.commandLine = commandLine
  }

  var threads: [Int32] { ioThreads.map(\.thread.identifier) }

  var failure: String? {
    ioThreads.lazy.compactMap(\.thread.problem).first
      ?? device.failure.map { "the virtio disk needs a reset: \($0)" }
      ?? device.firstErrors.first.map { "the disk failed: \($0)" }
  }

  /// Counts a queue say something where there are several.
  private var counted: Range<Int> { 0..<(device.options.queues > 1 ? device.options.queues : 0) }

  var countNames: [String] {
    ["backend_calls", "backend_copies", "doorbells", "interrupts", "io_wakeups"]
      + counted.flatMap { ["queue\($0).doorbells", "queue\($0).requests"] }
  }

  var counts: [String: UInt64] {
    var counts = ["interrupts": device.counters[.interrupts], "io_wakeups": device.counters[.wakeups]]
    (counts["backend_calls"], counts["backend_copies"]) = (device.counters[.calls], device.counters[.copies])
    let doorbells = (0..<device.options.queues).map { EventCounter.signals(of: device.doorbell(queue: $0)) }
    counts["doorbells"] = doorbells.contains(nil) ? nil : doorbells.reduce(0) { $0 &+ ($1 ?? 0) }
    for queue in counted {
      counts["queue\(queue).doorbells"] = doorbells[queue]
      counts["queue\(queue).requests"] = device.requests(queue: queue)
    }
    return counts
  }

  func start(on cpus: [Int?]) throws(SystemError) {
    for (number, io) in ioThreads.enumerated() {
      try io.thread.start(on: cpus[number % cpus.count]) { [device, mode] () throws(SystemError) in
        try device.serve(&io.backing, mode: mode, thread: number)
      }
    }
  }

  func park(_ isParked: Bool) { device.park(isParked) }

  func stop() { device.stop() }

  func join(until deadline: UInt64) {
    for io in ioThreads { io.thread.join(until: deadline) }
  }
}
