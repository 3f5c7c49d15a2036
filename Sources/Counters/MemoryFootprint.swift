import LinuxSystem
import Topology

/// Memory that a process holds, from `/proc/PID/smaps_rollup` (Linux 4.14 and later).
public struct MemoryFootprint: Equatable, Sendable {
  /// Bytes of memory that are mapped in and present.
  public let resident: UInt64
  /// Bytes with each shared page divided by the number of processes that share it: sums up over processes.
  public let proportional: UInt64

  init(resident: UInt64, proportional: UInt64) {
    self.resident = resident
    self.proportional = proportional
  }

  /// Memory of this process, or of another one. The kernel walks the whole address space for it: not for measured windows.
  /// - Throws: `Unavailable` when the file is absent or may not be read.
  public init(process: Int32? = nil, files: HostFiles = HostFiles()) throws(Unavailable) {
    let path = "/proc/\(process.map { "\($0)" } ?? "self")/smaps_rollup"
    resident = try files.memoryField("Rss", in: path)
    proportional = try files.memoryField("Pss", in: path)
  }
}
