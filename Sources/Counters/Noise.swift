/// What disturbed a window on some CPUs and threads.
public struct Noise: Codable, Equatable, Sendable {
  /// Length of the window in nanoseconds.
  public let elapsed: UInt64
  /// CPUs that were watched.
  public let cpuCount: Int
  /// Nanoseconds that the hypervisor below took from these CPUs together, in steps of 10 ms (the kernel's clock tick).
  public let steal: UInt64
  /// Times that the watched threads were taken from their CPUs. A mode has a hand in it: interrupts that arrive by way of a
  /// kernel thread take the I/O thread from its CPU thousands of times a second.
  public let involuntarySwitches: UInt64
  /// Nanoseconds for which the watched threads were ready and waited for a CPU; nil where the kernel does not tell.
  public let runDelay: UInt64?
  /// Nanoseconds that other processes ran in user space on the watched CPUs: those CPUs' user time less the watched threads',
  /// both in clock ticks; nil where no threads were watched. What the kernel does on behalf of a mode is not in it.
  public var others: UInt64?
  /// Longest lateness of a hiccup thread beside the window in nanoseconds; nil without one.
  public var longestHiccup: UInt64?
  /// Clock of the watched CPUs while they were not idle over their base clock; nil without the counters.
  public var clockRatio: Double?
  /// Mean frequency of the watched CPUs that the kernel told at the window's end; nil where it tells none.
  public var frequencyMHz: Double?
  /// Times that the watched CPUs' cores and packages were slowed for their heat; nil where nothing counts that.
  public var throttleEvents: UInt64?

  public init(elapsed: UInt64, cpuCount: Int, steal: UInt64, involuntarySwitches: UInt64, runDelay: UInt64?) {
    (self.elapsed, self.cpuCount, self.steal) = (elapsed, cpuCount, steal)
    (self.involuntarySwitches, self.runDelay) = (involuntarySwitches, runDelay)
  }

  /// Share of the CPUs' time that was stolen, from 0 to 1; nil for an empty window or no CPU.
  public var stealShare: Double? {
    elapsed > 0 && cpuCount > 0 ? Double(steal) / (Double(elapsed) * Double(cpuCount)) : nil
  }

  /// Share of the CPUs' time that other processes took, from 0 to 1; nil where it was not measured, and for an empty window.
  public var othersShare: Double? {
    guard let others, elapsed > 0, cpuCount > 0 else { return nil }
    return Double(others) / (Double(elapsed) * Double(cpuCount))
  }

  /// The figures by name with the unit in it, as results keep them. What was not measured is not there.
  public var figures: [String: Double] {
    [
      "stealSeconds": Double(steal) / 1e9, "involuntarySwitches": Double(involuntarySwitches),
      "othersSeconds": others.map { Double($0) / 1e9 },
      "runDelaySeconds": runDelay.map { Double($0) / 1e9 },
      "longestHiccupMilliseconds": longestHiccup.map { Double($0) / 1e6 }, "clockRatio": clockRatio,
      "frequencyMHz": frequencyMHz, "throttleEvents": throttleEvents.map { Double($0) },
    ].compactMapValues { $0 }
  }
}
