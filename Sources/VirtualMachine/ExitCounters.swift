import KVM
import Synchronization

/// Accesses of one vCPU that came to the monitor. KVM's own count of them is not kept by every backend.
final class ExitCounters: Sendable {
  private let portReads = Atomic<UInt64>(0)
  private let portWrites = Atomic<UInt64>(0)
  private let memoryReads = Atomic<UInt64>(0)
  private let memoryWrites = Atomic<UInt64>(0)

  /// Counts a port access. The vCPU's own thread.
  @inline(__always)
  func count(_ access: borrowing PortAccess) {
    if access.isWrite { Self.add(portWrites) } else { Self.add(portReads) }
  }

  /// Counts a memory-mapped access. The vCPU's own thread.
  @inline(__always)
  func count(_ access: borrowing MemoryAccess) {
    if access.isWrite { Self.add(memoryWrites) } else { Self.add(memoryReads) }
  }

  /// The names of the counts, in the order of ``values``.
  static let names = ["monitor.port_reads", "monitor.port_writes", "monitor.mmio_reads", "monitor.mmio_writes"]

  /// The counts. Any thread.
  var values: [UInt64] {
    [
      portReads.load(ordering: .relaxed), portWrites.load(ordering: .relaxed), memoryReads.load(ordering: .relaxed),
      memoryWrites.load(ordering: .relaxed),
    ]
  }

  /// One thread writes, so no locked instruction is needed.
  @inline(__always)
  private static func add(_ counter: borrowing Atomic<UInt64>) {
    counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }
}
