import ProbeABI

/// A record of the probe, checked.
public enum ProbeRecord: Sendable {
  case hello(nm_hello)
  case result(job: UInt32, ProbeResult)
  case crash(nm_crash)
  case end
}

/// A job's answer.
public struct ProbeResult: Sendable {
  /// The figures; see `nm_result`.
  public let figures: nm_result
  /// Why the job was skipped or failed, or a remark.
  public let reason: String
  /// HdrHistogram's V2 counts of TSC ticks; empty where operations were not timed.
  public let histogram: [UInt8]
  /// The windows of a job that took turns, in their order; empty for one that did not.
  public let turns: [nm_turn]
  /// Operations of each worker, where several shared the work; empty where one did all of it.
  public var shares: [UInt64] = []
}

/// Bytes that are no record.
public struct ProbeRecordError: Error, CustomStringConvertible, Sendable {
  public let place: Int
  public let problem: String

  public var description: String { "the probe's records are damaged at byte \(place): \(problem)" }
}
