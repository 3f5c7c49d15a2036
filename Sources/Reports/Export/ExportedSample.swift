/// A figure of a result as a monitoring system takes it: a family, what it is of, and a number in the family's base unit.
public struct ExportedSample: Encodable, Sendable, Equatable {
  /// By the conventions of Prometheus: `nearmetal_duration_seconds`.
  public let family: String
  /// By name. `host` (the fingerprint) and `suite` are in every one.
  public let labels: [String: String]
  public let value: Double

  init(_ family: ExportedFamily, _ labels: [String: String], _ value: Double) {
    self.family = family.rawValue
    self.labels = labels
    self.value = value
  }
}

/// What samples are of. Names end with the base unit (Prometheus, "Metric and label naming").
enum ExportedFamily: String, CaseIterable {
  case runInfo = "nearmetal_run_info"
  case runStart = "nearmetal_run_start_timestamp_seconds"
  case legs = "nearmetal_legs"
  case claim = "nearmetal_claim_verdict"
  case ratio = "nearmetal_ratio"
  case ratioLow = "nearmetal_ratio_low"
  case ratioHigh = "nearmetal_ratio_high"
  case duration = "nearmetal_duration_seconds"
  case bandwidth = "nearmetal_bandwidth_bytes_per_second"
  case rate = "nearmetal_rate_per_second"
  case memory = "nearmetal_memory_bytes"
  case cycles = "nearmetal_cycles"
  case frames = "nearmetal_frames"
  case events = "nearmetal_events_per_operation"
  case operation = "nearmetal_operation_seconds"

  /// For people.
  var help: String {
    switch self {
    case .runInfo: "What was run: always 1."
    case .runStart: "When the run began, in seconds since 1970."
    case .legs: "Legs of the run by what became of them."
    case .claim: "1 for the verdict that a claim has, 0 for those that it has not."
    case .ratio: "A mode over its reference in the same run, turned so that 1 is the reference and more is better."
    case .ratioLow: "Lower bound of the ratio's interval."
    case .ratioHigh: "Upper bound of the ratio's interval."
    case .duration: "A time: of an operation, a boot or what a metric names."
    case .bandwidth: "Bytes moved in a second."
    case .rate: "Operations, requests or frames in a second."
    case .memory: "Memory that a guest takes besides its RAM."
    case .cycles: "Cycles of the time-stamp counter for one operation."
    case .frames: "Frames that were lost, corrupted or otherwise not as they should be."
    case .events: "Events for one operation: exits, interrupts, doorbells, system calls, copies."
    case .operation: "Times of single operations, of all legs of the run."
    }
  }

  /// The family of a metric's unit, and what to multiply by; nil where no family has the unit.
  static func of(unit: String) -> (family: ExportedFamily, factor: Double)? {
    switch unit {
    case "ns": (.duration, 1e-9)
    case "ms": (.duration, 1e-3)
    case "MiB/s": (.bandwidth, 1_048_576)
    case "Mop/s": (.rate, 1e6)
    case "IOPS", "frames/s": (.rate, 1)
    case "MiB": (.memory, 1_048_576)
    case "cycles": (.cycles, 1)
    case "frames": (.frames, 1)
    case "1/op": (.events, 1)
    default: nil
    }
  }
}
