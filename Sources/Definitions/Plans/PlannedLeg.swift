import Results

/// One leg that is to run.
public struct PlannedLeg: Sendable {
  public let block: Int
  public let path: Path
  public let entry: SuiteEntry
  /// Names the job in the probe's records, from 1; unique within the run, so that no leg's writes look like another's.
  public let job: UInt32
  /// Seed of the workload's data: the same on every machine and in every mode of a block.
  public let seed: UInt64
  /// 1, or 2 for the repetition of a leg that noise made invalid.
  public let attempt: Int

  public init(block: Int, path: Path, entry: SuiteEntry, job: UInt32, seed: UInt64, attempt: Int = 1) {
    self.block = block
    self.path = path
    self.entry = entry
    self.job = job
    self.seed = seed
    self.attempt = attempt
  }

  public var workload: Workload { entry.workload }

  /// The same once more, under a job number that no leg of the plan has.
  func repeated(after legCount: Int) -> PlannedLeg {
    PlannedLeg(block: block, path: path, entry: entry, job: job + UInt32(legCount), seed: seed, attempt: attempt + 1)
  }

  /// Unique within the run: `0-block.randread.bs=4KiB.qd=1-nearmetal-polled`.
  public var id: String {
    let parameters = workload.parameters.sorted { $0.key < $1.key }.map { ".\($0.key)=\($0.value)" }.joined()
    return "\(block)-\(workload.id)\(parameters)-\(path.machine.rawValue)-\(path.mode.rawValue)"
      + (attempt > 1 ? "-attempt\(attempt)" : "")
  }
}
