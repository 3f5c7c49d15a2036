import Glibc
import Results
import Verdicts

/// Makes the statistics and claims of a result anew from its legs.
struct ResultRecomputation {
  private let result: RunResult
  private let claims: [Claim]
  /// Two machines' logarithms may differ in the last digit.
  private static let tolerance = 1e-9

  init(_ result: RunResult, claims: [Claim]) {
    self.result = result
    self.claims = claims
  }

  /// Where the result says something else than its samples.
  func problems() -> [String] {
    guard result.run.buildConfiguration == .release else {
      let isEmpty = result.comparisons.isEmpty && result.summaries.isEmpty && result.claims.isEmpty
      return isEmpty ? [] : ["a debug build compares nothing, and here are comparisons"]
    }
    let builder = ComparisonBuilder(result.run)
    let set = builder.build(result.legs)
    let checks = result.run.method == nil ? [] : builder.checks(result.legs)
    let pool = result.run.method?.pool == nil ? nil : builder.pool(checks)
    // A version that did not look kept none.
    let carryOver = result.run.method?.carryOver == nil ? [] : builder.carryOver(result.legs)
    let variants = result.run.against.map { builder.variants(result.legs, against: $0) } ?? []
    let decided = ClaimJudge.decide(ClaimJudge.applicable(claims, to: result), result)
    return percentileProblems()
      + differences("comparisons", result.comparisons, set.comparisons, Self.name, Self.comparisonFigures)
      + differences(
        "variants", (result.variants ?? []).map(\.comparison), variants.map(\.comparison), Self.name,
        Self.comparisonFigures)
      + differences("summaries", result.summaries, set.summaries, Self.name, Self.summaryFigures)
      + differences("method", result.run.method?.checks ?? [], checks, Self.name, Self.checkFigures)
      + differences(
        "method", [result.run.method?.pool].compactMap(\.self), [pool].compactMap(\.self), Self.name, Self.poolFigures)
      + differences("carry-over", result.run.method?.carryOver ?? [], carryOver, Self.name, Self.checkFigures)
      + differences("claims", result.claims, decided, Self.name, Self.claimFigures)
  }

  // MARK: Histograms

  /// Percentiles that are not those of the histogram beside them.
  private func percentileProblems() -> [String] {
    var problems: [String] = []
    for leg in result.legs {
      for metric in leg.metrics {
        guard let histogram = metric.histogram, let base = Self.base(of: metric.name) else { continue }
        let made: [MetricRecord]
        do throws(HistogramError) { made = try MetricRecord.percentiles(of: histogram, name: base) } catch {
          problems.append("\(leg.id): the histogram of \(metric.name): \(error)")
          continue
        }
        for one in made {
          guard let kept = leg.metrics.first(where: { $0.name == one.name }), !Self.near(kept.value, one.value) else {
            continue
          }
          problems.append("\(leg.id): \(kept.name) is \(kept.value); its histogram gives \(one.value)")
        }
      }
    }
    return problems
  }

  /// "latency.p50" is a percentile of "latency"; nil for figures that are not straight from the histogram.
  private static func base(of name: String) -> String? {
    name.hasSuffix(".p50") ? String(name.dropLast(4)) : nil
  }

  // MARK: Records

  /// A figure of a record, to be read and to be replaced.
  private typealias Figure<Record> = (get: (Record) -> Double?, set: (inout Record, Double?) -> Void)

  private func differences<Record: Equatable>(
    _ place: String, _ kept: [Record], _ made: [Record], _ name: (Record) -> String, _ figures: [Figure<Record>]
  ) -> [String] {
    guard kept.map(name) == made.map(name) else {
      return ["\(place): there are \(kept.count) of them, and not the \(made.count) that the samples give"]
    }
    var problems: [String] = []
    for (kept, made) in zip(kept, made) {
      // Figures that agree but for rounding are made equal; whatever then differs, differs.
      var rounded = made
      for figure in figures where Self.near(figure.get(kept), figure.get(made)) {
        figure.set(&rounded, figure.get(kept))
      }
      if rounded == kept { continue }
      func text(_ record: Record) -> String {
        figures.map { figure in figure.get(record).map { "\($0)" } ?? "none" }.joined(separator: ", ")
      }
      let detail =
        text(kept) == text(rounded) ? "another text or verdict" : "\(text(kept)); the samples give \(text(made))"
      problems.append("\(place): \(name(kept)): \(detail)")
    }
    return problems
  }

  private static func near(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one == other || abs(one - other) <= tolerance * max(abs(one), abs(other))
  }

  private static func name(_ record: ComparisonRecord) -> String {
    "\(record.workload) \(record.metric), \(record.path) to \(record.reference.rawValue)"
  }

  private static func name(_ record: SummaryRecord) -> String {
    "\(record.workload) \(record.metric), \(record.path)"
  }

  private static func name(_ record: ClaimRecord) -> String { record.id }

  private static func name(_ record: MethodCheckRecord) -> String {
    "\(record.workload) \(record.metric)\(record.after.map { " after \($0)" } ?? "")"
  }

  private static func name(_ record: MethodPoolRecord) -> String { "all workloads" }

  private static var comparisonFigures: [Figure<ComparisonRecord>] {
    [
      ({ $0.ratio }, { $0.ratio = $1 ?? 0 }), ({ $0.low }, { $0.low = $1 }), ({ $0.high }, { $0.high = $1 }),
      ({ $0.value }, { $0.value = $1 ?? 0 }), ({ $0.referenceValue }, { $0.referenceValue = $1 ?? 0 }),
    ]
  }

  private static var summaryFigures: [Figure<SummaryRecord>] {
    [({ $0.mean }, { $0.mean = $1 ?? 0 }), ({ $0.low }, { $0.low = $1 }), ({ $0.high }, { $0.high = $1 })]
  }

  private static var checkFigures: [Figure<MethodCheckRecord>] {
    [({ $0.ratio }, { $0.ratio = $1 ?? 0 }), ({ $0.low }, { $0.low = $1 }), ({ $0.high }, { $0.high = $1 })]
  }

  private static var poolFigures: [Figure<MethodPoolRecord>] {
    [({ $0.ratio }, { $0.ratio = $1 ?? 0 }), ({ $0.low }, { $0.low = $1 }), ({ $0.high }, { $0.high = $1 })]
  }

  private static var claimFigures: [Figure<ClaimRecord>] {
    [
      ({ $0.ratio }, { $0.ratio = $1 }), ({ $0.low }, { $0.low = $1 }), ({ $0.high }, { $0.high = $1 }),
      ({ $0.level }, { $0.level = $1 }),
    ]
  }
}
