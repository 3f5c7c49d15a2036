import Results
import Storage

/// What a deliberate slowdown does to the legs of a run.
struct Injection: Sendable {
  let record: InjectionRecord
  /// TSC ticks a millisecond.
  let tscFrequency: UInt64

  /// No request waits longer, whatever a share amounts to: nanoseconds.
  private static let longestWait = 10_000_000.0

  /// Whether a leg's measured window becomes longer by it. The others run as always.
  static func reaches(_ kind: InjectionKind, _ workload: String, on path: Path) -> Bool {
    guard path.machine == .nearmetal, let description = WorkloadCatalog[workload] else { return false }
    switch kind {
    case .ioDelay, .ioSlow: return description.kind == .block
    case .exitDelay:
      return path.mode == .emulated || ["exits.pio.user", "exits.mmio.user", "boot"].contains(workload)
    case .guestDelay: return [.block, .compute, .bandwidth, .latency].contains(description.kind)
    }
  }

  func reaches(_ leg: PlannedLeg) -> Bool { Self.reaches(record.kind, leg.entry.workload, on: leg.path) }

  /// For the disk of a leg that is reached.
  var diskDelay: InjectedDelay? {
    let longest = ticks(Self.longestWait)
    switch record.kind {
    case .ioDelay: return InjectedDelay(.ticks(ticks(record.amount)), longest: max(longest, ticks(record.amount)))
    case .ioSlow: return InjectedDelay(.share(millionths: UInt64(record.amount * 1e4)), longest: longest)
    case .exitDelay, .guestDelay: return nil
    }
  }

  /// TSC ticks after each exit that user space answered.
  var exitDelay: UInt64 { record.kind == .exitDelay ? ticks(record.amount) : 0 }

  /// TSC ticks in each operation, as the probe's `delay` parameter.
  var guestDelay: UInt64? { record.kind == .guestDelay ? max(1, ticks(record.amount)) : nil }

  private func ticks(_ nanoseconds: Double) -> UInt64 {
    UInt64((nanoseconds * Double(tscFrequency) / 1e6).rounded())
  }
}

extension InjectionRecord {
  /// Reads `io-delay=200ns`, `io-slow=10%`, `exit-delay=2us` or `guest-delay=50ns`; nil for anything else, for a delay that is
  /// not from 1 ns to 100 ms, and for a share that is not from 0.1 to 1000 percent.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let kind = InjectionKind(rawValue: parts[0]) else { return nil }
    if kind == .ioSlow {
      guard parts[1].hasSuffix("%"), let percent = Double(parts[1].dropLast()), (0.1...1000).contains(percent) else {
        return nil
      }
      self.init(kind, amount: percent)
    } else {
      guard ["ns", "us", "ms"].contains(where: parts[1].hasSuffix), let time = Quantity.parse(parts[1]),
        (1...100_000_000).contains(time)
      else { return nil }
      self.init(kind, amount: Double(time))
    }
  }

  /// What the command line expects.
  public static let expected =
    "io-delay=NS, exit-delay=NS or guest-delay=NS with a time such as 200ns or 2us, or io-slow=PERCENT such as io-slow=10%"

  /// Workloads of a suite that it makes slower, as they are shown.
  public func reached(in suite: Suite) -> [String] {
    var names: [String] = []
    for entry in suite.entries {
      let paths = WorkloadCatalog[entry.workload]?.paths ?? []
      let isReached = paths.contains { path in
        Plan.runs(entry, on: path) && Injection.reaches(kind, entry.workload, on: path)
      }
      let name = WorkloadName.text(entry.workload, entry.parameters)
      if isReached, !names.contains(name) { names.append(name) }
    }
    return names
  }
}
