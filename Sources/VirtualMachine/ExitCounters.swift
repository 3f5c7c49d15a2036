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

  /// The counts by name. Any thread.
  var values: [String: UInt64] {
    [
      "monitor.port_reads": portReads.load(ordering: .relaxed),
      "monitor.port_writes": portWrites.load(ordering: .relaxed),
      "monitor.mmio_reads": memoryReads.load(ordering: .relaxed),
      "monitor.mmio_writes": memoryWrites.load(ordering: .relaxed),
    ]
  }

  /// One thread writes, so no locked instruction is needed.
  @inline(__always)
  private static func add(_ counter: borrowing Atomic<UInt64>) {
    counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }
}
