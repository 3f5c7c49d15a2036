import LinuxSystem
import Results
import Verdicts

/// Measures pairs until there are enough decisions, first about equal sides, then about each slowdown.
public struct CalibrationRun {
  private let paired: PairedRun
  private let suite: Suite
  private let options: GateOptions
  private let injections: [InjectionRecord]
  private let decisions: Int

  /// - Parameter decisions: about equal sides, and about each slowdown, at least.
  public init(
    _ paired: PairedRun, suite: Suite, options: GateOptions, injections: [InjectionRecord], decisions: Int
  ) {
    precondition(decisions >= 1, "a calibration decides something")
    self.paired = paired
    self.suite = suite
    self.options = options
    self.injections = injections
    self.decisions = decisions
  }

  /// Measures and judges. An interruption ends it early with the pairs that are complete.
  /// - Returns: what was found, and whether all was measured that was asked for.
  /// - Throws: what the gate says of a pair that it cannot judge.
  public func run(
    _ tool: ToolRecord, _ progress: Progress
  ) throws(GateError) -> (record: CalibrationRecord, isComplete: Bool) {
    var paired = paired
    var calibrator = Calibrator(options: options, level: suite.level)
    let start = MonotonicClock.now
    var isComplete = true
    let rounds: [InjectionRecord?] = [nil] + injections
    round: for (round, injection) in rounds.enumerated() {
      var pair = 0
      while calibrator.count(injection) < decisions {
        let made = calibrator.count(injection)
        // Decisions that a pair has given so far; before the first one, nobody knows.
        let perPair = pair > 0 ? Double(made) / Double(pair) : nil
        let measured = paired.measure("\(round).\(pair)", slowing: injection) { done, total, next in
          let part = Double(made) + (perPair ?? 1) * Double(done) / Double(total)
          let share = (Double(round) + min(1, part / Double(decisions))) / Double(rounds.count)
          let elapsed = Double(MonotonicClock.now - start) / 1e9
          progress.report(
            Progress.Step(
              done: made, total: decisions, elapsed: elapsed,
              remaining: pair > 0 || round > 0 ? elapsed / share * (1 - share) : nil,
              next: "\(injection.map { "slowed by \($0): " } ?? "")\(next)", unit: "decisions"))
        }
        guard let measured else {
          isComplete = false
          break round
        }
        try calibrator.add(measured, number: pair, injection: injection)
        pair += 1
        if calibrator.count(injection) == made {
          throw .nothingInCommon(base: measured.base.run.id, head: measured.head.run.id)
        }
      }
    }
    let record = calibrator.record(
      fingerprint: paired.host.fingerprint, suite: suite.name, tool: tool, startedAt: paired.startedAt,
      blocks: suite.blocks)
    return (record, isComplete)
  }
}
