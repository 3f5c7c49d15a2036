import Results

/// One metric of one workload on one machine in one mode, head against base.
public struct GateComparison: Codable, Sendable, Equatable {
  public var workload: String
  public var parameters: [String: String]
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var machine: Machine
  public var mode: Mode
  public var outcome: GateOutcome
  /// Why the outcome is what it is, where the figures alone do not say.
  public var reason: String?
  /// Geometric mean over the blocks, in ``unit``; nil where there is none.
  public var base: Double?
  public var head: Double?
  /// Head over base, turned so that 1.0 is the base and higher is better; with its two-sided interval at 1 - 2α, whose every
  /// end errs with chance α. Not adjusted for the family. Nil where there is none.
  public var ratio: Double?
  public var low: Double?
  public var high: Double?
  /// Blocks on each side; in a paired comparison those that both have.
  public var baseBlocks: Int
  public var headBlocks: Int
  /// P-value of "head is as good as base or better", adjusted within the family; a regression needs it at most α.
  public var regressionProbability: Double?
  /// P-value of "head is as good as base or worse", adjusted within the family; an improvement needs it at most α.
  public var improvementProbability: Double?
  /// Blocks a side that would probably decide an inconclusive comparison, by the scatter so far; nil elsewhere.
  public var blocksToDecide: Int?

  /// `block.randread bs=4KiB qd=1 iops, nearmetal polled`.
  public var name: String {
    let place = machine == .native ? "native" : "\(machine.rawValue) \(mode.rawValue)"
    return "\(WorkloadName.text(workload, parameters)) \(metric), \(place)"
  }
}

extension GateComparison {
  /// A comparison without figures.
  init(_ key: Series.Key, outcome: GateOutcome) {
    self.init(
      workload: key.subject.workload, parameters: key.subject.parameters, metric: key.subject.metric,
      unit: key.subject.unit, direction: key.subject.direction, machine: key.machine, mode: key.mode, outcome: outcome,
      baseBlocks: 0, headBlocks: 0)
  }
}
