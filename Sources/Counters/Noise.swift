/// What disturbed a window on some CPUs and threads.
public struct Noise: Equatable, Sendable {
  /// Length of the window in nanoseconds.
  public let elapsed: UInt64
  /// CPUs that were watched.
  public let cpuCount: Int
  /// Nanoseconds that the hypervisor below took from these CPUs together, in steps of 10 ms (the kernel's clock tick).
  public let steal: UInt64
  /// Times that the watched threads were taken from their CPUs.
  public let involuntarySwitches: UInt64
  /// Nanoseconds for which the watched threads were ready and waited for a CPU; nil where the kernel does not tell.
  public let runDelay: UInt64?

  public init(elapsed: UInt64, cpuCount: Int, steal: UInt64, involuntarySwitches: UInt64, runDelay: UInt64?) {
    (self.elapsed, self.cpuCount, self.steal) = (elapsed, cpuCount, steal)
    (self.involuntarySwitches, self.runDelay) = (involuntarySwitches, runDelay)
  }

  /// Share of the CPUs' time that was stolen, from 0 to 1; nil for an empty window or no CPU.
  public var stealShare: Double? {
    elapsed > 0 && cpuCount > 0 ? Double(steal) / (Double(elapsed) * Double(cpuCount)) : nil
  }
}
