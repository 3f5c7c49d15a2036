import ProbeABI

/// One job for the probe.
public struct ProbeJob: Sendable, Hashable {
  /// Names the job in its record, 1 and up.
  public var number: UInt32
  /// The workload's id, such as `cpu.integer`.
  public var workload: String
  public var seed: UInt64
  /// Nanoseconds of work before the window opens, at least.
  public var warmup: UInt64
  /// Nanoseconds that the window lasts, at least.
  public var window: UInt64
  public var parameters: [String: UInt64]

  public init(
    number: UInt32, workload: String, seed: UInt64, warmup: UInt64, window: UInt64, parameters: [String: UInt64] = [:]
  ) {
    self.number = number
    self.workload = workload
    self.seed = seed
    self.warmup = warmup
    self.window = window
    self.parameters = parameters
  }

  /// The job text (see "Jobs" in `nearmetal_abi.h`).
  /// - Parameters:
  ///   - jobs: in the order in which they run, at most `NM_MAX_JOBS`.
  ///   - tscFrequency: TSC ticks a millisecond.
  public static func text(_ jobs: [ProbeJob], tscFrequency: UInt64) -> [UInt8] {
    precondition(jobs.count <= Int(NM_MAX_JOBS), "at most \(NM_MAX_JOBS) jobs a boot")
    let lines = jobs.map { job in
      let parameters = job.parameters.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
      return "job=\(job.number) workload=\(job.workload) seed=\(job.seed)"
        + " warmup=\(ticks(job.warmup, tscFrequency)) window=\(max(1, ticks(job.window, tscFrequency)))\(parameters)\n"
    }
    return Array("\(NM_JOBS_MAGIC) \(NM_ABI_VERSION) tsc_khz=\(tscFrequency)\n\(lines.joined())".utf8)
  }

  private static func ticks(_ nanoseconds: UInt64, _ tscFrequency: UInt64) -> UInt64 {
    UInt64(Double(nanoseconds) * Double(tscFrequency) / 1e6)
  }
}
