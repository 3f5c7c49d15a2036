import Definitions
import Results
import Statistics

/// How many rounds a block's legs take in a run that goes on until all is decided.
///
/// A boot costs its time whatever is measured in it, so that where blocks differ little and rounds much, more rounds in each boot are
/// the cheaper way to a narrow interval, and the other way round (Kalibera and Jones 2013, "Rigorous Benchmarking in Reasonable
/// Time", §6). Looked at once, when the first blocks are there: what they show of the scatter says nothing of the ratio itself.
struct RoundAllotment {
  /// Blocks that are looked at, all measured as the suite says.
  static let blocks = 5
  /// Stretches of a block's rounds, whose estimates scatter as rounds do and keep what neighbours have in common.
  private static let stretches = 4
  /// Times the suite's rounds at most. It is never fewer: five blocks know their variances roughly, and one disturbed block among
  /// them speaks for boots. Half the rounds had left a loop of integers at 1 % from block to block, where 160 left one of branches at
  /// 0.2 %.
  private static let most = 4

  /// Seconds that groups took, by their first workload, and how many there were.
  private var seconds: [Workload: (sum: Double, count: Int)] = [:]

  /// A group was measured.
  mutating func add(_ group: SessionGroup, seconds: Double) {
    let known = self.seconds[Self.workload(group)] ?? (0, 0)
    self.seconds[Self.workload(group)] = (known.sum + seconds, known.count + 1)
  }

  /// The turns of a group in its block.
  /// - Parameters:
  ///   - planned: what the suite says.
  ///   - result: what there is so far. What is allotted is kept in it, and stays.
  func turns(_ group: SessionGroup, _ planned: TurnPlan, _ result: inout RunResult) -> TurnPlan {
    guard let sequential = result.run.sequential, group.block >= Self.blocks else { return planned }
    let workload = Self.workload(group)
    if let known = sequential.allotted?.first(where: { $0.workload == workload }) {
      return planned.taking(known.rounds)
    }
    guard let rounds = rounds(group, planned, result.legs) else { return planned }
    let turns = planned.taking(rounds)
    result.run.sequential?.allotted =
      (sequential.allotted ?? []) + [
        AllottedRounds(workload: workload, block: group.block, rounds: turns.rounds)
      ]
    return turns
  }

  /// The most that any of the group's comparisons asks for; nil where there is nothing to tell by.
  private func rounds(_ group: SessionGroup, _ planned: TurnPlan, _ legs: [LegRecord]) -> Int? {
    guard let (sum, count) = seconds[Self.workload(group)] else { return nil }
    let native = group.sessions.count { $0.path.isNative }
    let slots = group.sessions.count + (group.sessions.count > 2 ? native : 0)
    let perRound = Double(slots) * Double(planned.length + planned.rewarm) / 1e9
    let perBoot = max(sum / Double(count) - perRound * Double(planned.rounds), perRound)
    let stretch = perRound * Double(planned.rounds) / Double(Self.stretches)
    let asked = Self.components(group, legs).map {
      $0.iterations(blockCost: perBoot, iterationCost: stretch, limit: Self.most * Self.stretches)
    }
    guard let most = asked.max() else { return nil }
    let factor = max(1, Double(most) / Double(Self.stretches))
    return Int((factor * Double(planned.rounds)).rounded())
  }

  /// Where the noise of each comparison of the group's first metric comes from.
  private static func components(_ group: SessionGroup, _ legs: [LegRecord]) -> [VarianceComponents] {
    let workloads = Set(group.sessions.flatMap(\.legs).map(\.workload))
    let own = legs.filter { workloads.contains($0.workload) && $0.status == .ok && $0.block < blocks }
    let headlines = Set(own.compactMap { $0.metrics.first?.name })
    let series = Series.all(in: own).filter { headlines.contains($0.key.subject.metric) }
    return series.filter { !$0.key.path.isNative }.compactMap { mode in
      guard let reference = series.first(where: { $0.key.path.isNative && $0.key.subject == mode.key.subject })
      else { return nil }
      let parts = mode.ratios(over: reference).compactMap { _, ratio in
        ratio.rounds.flatMap { rounds in
          rounds.count < stretches
            ? nil : try? BlockRatio.estimator.logRatios(of: rounds, parts: stretches, higherIsBetter: true)
        }
      }
      return parts.count < blocks ? nil : try? VarianceComponents(blocks: parts)
    }
  }

  /// What a group is called in every block: the first of its workloads by name, since their order is drawn anew in each.
  static func workload(_ group: SessionGroup) -> Workload {
    let workloads = group.sessions.flatMap(\.legs).map(\.workload)
    return workloads.min { "\($0.id) \($0.parameterText)" < "\($1.id) \($1.parameterText)" } ?? workloads[0]
  }
}
