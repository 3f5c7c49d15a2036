import Results
import Statistics

/// One leg that is to run.
public struct PlannedLeg: Sendable {
  public let block: Int
  public let path: Path
  public let entry: SuiteEntry
  /// Names the job in the probe's records, from 1; unique within the run, so that no leg's writes look like another's.
  public let job: UInt32
  /// Seed of the block: the same on every machine and in every mode.
  let blockSeed: UInt64
  /// Of runs that take turns over one disk, which of them.
  private let side: UInt32
  /// 1, or 2 for the repetition of a leg that noise made invalid.
  public let attempt: Int

  public init(block: Int, path: Path, entry: SuiteEntry, job: UInt32, seed: UInt64, side: UInt32 = 0, attempt: Int = 1)
  {
    self.block = block
    self.path = path
    self.entry = entry
    self.job = job
    blockSeed = seed
    self.side = side
    self.attempt = attempt
  }

  public var workload: Workload { entry.workload }

  /// Seed of the job: the block's for work on data of its own. Legs of a disk share its data, and whatever caches them: each
  /// asks for it in another order, or the slower of two legs that take turns would find what the other one has just brought
  /// there, and be as fast.
  public var seed: UInt64 {
    guard case .disk = entry.work else { return blockSeed }
    var random = SplitMix64(seed: blockSeed &+ UInt64(job) &+ UInt64(side) << 32)
    return random.next()
  }

  /// The same as another job.
  public func renumbered(_ job: UInt32) -> PlannedLeg {
    PlannedLeg(block: block, path: path, entry: entry, job: job, seed: blockSeed, side: side, attempt: attempt)
  }

  /// The same in another block, as its first attempt.
  public func moved(to block: Int) -> PlannedLeg {
    PlannedLeg(block: block, path: path, entry: entry, job: job, seed: blockSeed, side: side)
  }

  /// The same once more, under a job number that no leg of the plan has.
  func repeated(after legCount: Int) -> PlannedLeg {
    PlannedLeg(
      block: block, path: path, entry: entry, job: job + UInt32(legCount), seed: blockSeed, side: side,
      attempt: attempt + 1)
  }

  /// Unique within the run: `0-block.randread.bs=4KiB.qd=1-nearmetal-polled`.
  public var id: String {
    let parameters = workload.parameters.sorted { $0.key < $1.key }.map { ".\($0.key)=\($0.value)" }.joined()
    return "\(block)-\(workload.id)\(parameters)-\(path.machine.rawValue)-\(path.mode.rawValue)"
      + (attempt > 1 ? "-attempt\(attempt)" : "")
  }
}
