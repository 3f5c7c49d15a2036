import Glibc
import Results
import Statistics

/// Any number of runs, of one host or of several, side by side.
///
/// Nothing is judged: a gate does that. Intervals of changes are those of independent runs, and each stands for itself.
public struct RunComparison: Codable, Sendable, Equatable {
  public static let currentSchema = "nearmetal.compare/1"

  public var schema = Self.currentSchema
  public var runs: [ComparedRun]
  /// Whether no field differs that makes figures incomparable.
  public var isComparable: Bool
  /// Every fact in which the runs differ; those that make them incomparable first.
  public var fields: [ComparedField]
  /// Every metric that any run has, by workload, metric, machine and mode.
  public var series: [ComparedSeries]
  /// Whether at least one figure is in more than one run.
  public var isShared: Bool

  /// - Parameter inputs: at least one run, each with the path that it was read from.
  public init(_ inputs: [(path: String, result: RunResult)]) {
    let runs = inputs.enumerated().map { ComparedRun($0.element.result, path: $0.element.path, index: $0.offset) }
    self.runs = runs
    fields = Self.fields(inputs.map(\.result))
    isComparable = !fields.contains { $0.meaning == .incomparable }
    series = SeriesTable(inputs.map(\.result), letters: runs.map(\.letter)).rows()
    isShared = series.contains { row in row.figures.count { $0 != nil } > 1 }
  }

  private static func fields(_ results: [RunResult]) -> [ComparedField] {
    struct Key: Hashable {
      let section: String
      let name: String
    }
    let facts = results.map(HostFacts.all)
    let values = facts.map { facts in
      Dictionary(facts.map { (Key(section: $0.section, name: $0.name), $0) }, uniquingKeysWith: { first, _ in first })
    }
    var seen: Set<Key> = []
    var fields: [ComparedField] = []
    for fact in facts.joined() {
      let key = Key(section: fact.section, name: fact.name)
      guard seen.insert(key).inserted else { continue }
      let own = values.map { $0[key]?.value }
      guard Set(own).count > 1 else { continue }
      fields.append(ComparedField(section: key.section, name: key.name, values: own, meaning: fact.meaning))
    }
    let order: [ComparedField.Meaning] = [.incomparable, .subject, .other]
    return order.flatMap { meaning in fields.filter { $0.meaning == meaning } }
  }
}

extension HostFacts.Fact {
  /// What a difference in the fact means for holding runs side by side.
  var meaning: ComparedField.Meaning {
    if section == "run" {
      if ["suite", "build", "level", "scale"].contains(name) || name.hasPrefix("placement") { return .incomparable }
      return ["version", "revision", "swift"].contains(name) ? .subject : .other
    }
    if section == "host" { return .incomparable }
    return switch kind {
    case .identity: .incomparable
    case .subject: .subject
    case .other: .other
    }
  }
}
