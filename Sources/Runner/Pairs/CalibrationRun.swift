import Definitions
import LinuxSystem
import Results
import Verdicts

/// Measures pairs until there are enough decisions, first about equal sides, then about each slowdown.
public struct CalibrationRun {
  /// What came of it.
  public struct Outcome: Sendable {
    public let record: CalibrationRecord
    public let leftOut: [String: String]
    public let ending: Ending
  }

  /// Why it ended.
  public enum Ending: Sendable {
    /// All decisions were made.
    case complete
    /// The user stopped it.
    case interrupted
    /// Pair after pair gave no decision.
    case stuck
  }

  /// Pairs in a row without a decision after which there is no hope.
  private static let patience = 3

  private let paired: PairedRun
  private let suite: Suite
  private let options: GateOptions
  private let injections: [InjectionRecord]
  private let decisions: Int
  private let detections: Int

  /// - Parameters:
  ///   - paired: measures the pairs.
  ///   - suite: the one that `paired` runs.
  ///   - options: by which the gate decides.
  ///   - injections: the slowdowns that are to be detected; empty to try equal sides alone.
  ///   - decisions: about equal sides, at least.
  ///   - detections: about each slowdown, at least.
  public init(
    _ paired: PairedRun, suite: Suite, options: GateOptions, injections: [InjectionRecord], decisions: Int,
    detections: Int
  ) {
    precondition(decisions >= 1 && detections >= 1, "a calibration decides something")
    self.paired = paired
    self.suite = suite
    self.options = options
    self.injections = injections
    self.decisions = decisions
    self.detections = detections
  }

  /// Measures and judges. An interruption ends it early with the pairs that are complete.
  /// - Throws: what the gate says of a pair that it cannot judge.
  public func run(_ tool: ToolRecord, _ progress: Progress) throws(GateError) -> Outcome {
    var paired = paired
    var calibrator = Calibrator(options: options, level: suite.level)
    var pace = Pace(paired, rounds)
    var ending = Ending.complete
    round: for (number, round) in rounds.enumerated() {
      var pair = 0
      var inVain = 0
      while calibrator.count(round.injection) < round.decisions {
        let made = calibrator.count(round.injection)
        let measured = paired.measure("\(number).\(pair)", slowing: round.injection) { next in
          let slowed = round.injection.map { "slowed by \($0): " } ?? ""
          progress.report(pace.step(made, of: round.decisions, next: slowed + next))
        }
        guard let measured else {
          ending = .interrupted
          break round
        }
        try calibrator.add(measured, number: pair, injection: round.injection)
        pair += 1
        inVain = calibrator.count(round.injection) == made ? inVain + 1 : 0
        if inVain == Self.patience {
          ending = .stuck
          break round
        }
      }
    }
    let record = calibrator.record(
      fingerprint: paired.host.fingerprint, suite: suite.name, tool: tool, startedAt: paired.startedAt,
      blocks: suite.blocks)
    return Outcome(record: record, leftOut: calibrator.leftOut, ending: ending)
  }

  /// Pairs with one slowdown, or with none.
  private struct Round {
    let injection: InjectionRecord?
    let decisions: Int
  }

  private var rounds: [Round] {
    [Round(injection: nil, decisions: decisions)]
      + injections.map { Round(injection: $0, decisions: detections) }
  }

  /// How far it is, counted in boots.
  private struct Pace {
    private let start = MonotonicClock.now
    private let total: Int
    private var done = 0

    init(_ paired: PairedRun, _ rounds: [Round]) {
      total = rounds.reduce(0) { sum, round in
        let size = paired.size(slowing: round.injection)
        let pairs = (round.decisions + size.decisions - 1) / max(1, size.decisions)
        return sum + pairs * size.boots
      }
    }

    /// The next boot begins.
    mutating func step(_ made: Int, of decisions: Int, next: String) -> Progress.Step {
      defer { done += 1 }
      let elapsed = Double(MonotonicClock.now - start) / 1e9
      let left = Double(max(0, total - done))
      return Progress.Step(
        done: made, total: decisions, elapsed: elapsed, remaining: done == 0 ? nil : elapsed / Double(done) * left,
        next: next, unit: "decisions")
    }
  }
}
