import Definitions
import Results
import Verdicts

/// What a run tells while it goes on.
extension Run {
  /// Legs of the whole run as far as it is planned; of one that goes on until all is decided those that fit into its time at the pace so
  /// far.
  func plannedLegs(_ run: RunRecord, done: Int, elapsed: Double) -> Int {
    guard let sequential = run.sequential else { return plan.legCount(blocks: run.blocks) }
    guard done > 0, elapsed > 0 else { return plan.legCount(blocks: 1) }
    return max(done, Int(Double(done) * sequential.atMost / elapsed))
  }

  /// - Parameters:
  ///   - block: that the session belongs to, from 0; nil for one that belongs to none.
  ///   - blocks: in all; nil where that is decided on the way.
  func step(
    _ done: Int, of total: Int, _ elapsed: Double, _ session: Session, block: Int? = nil, blocks: Int? = nil,
    _ claims: ClaimJudge.Progress? = nil, prefix: String = ""
  ) -> Progress.Step {
    let remaining = done == 0 ? nil : elapsed / Double(done) * Double(total - done)
    let what = session.legs.count == 1 ? session.legs[0].workload.id : "\(session.legs.count) workloads"
    return Progress.Step(
      done: done, total: total, elapsed: elapsed, remaining: remaining, next: "\(prefix)\(what) on \(session.path)",
      block: block.map { Progress.Share($0 + 1, of: blocks) },
      claims: claims.map { Progress.Share($0.decided, of: $0.claims) })
  }
}
