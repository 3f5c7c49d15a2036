/// What a result must hold besides the right types. The published JSON Schema says the same where it can.
enum ResultValidator {
  struct Problem {
    let place: String
    let expected: String
  }

  static func firstProblem(in result: RunResult) -> Problem? {
    if !(result.run.level > 0 && result.run.level < 1) {
      return Problem(place: "run.level", expected: "expected a number between 0 and 1, found \(result.run.level)")
    }
    if result.run.blocks < 1 {
      return Problem(place: "run.blocks", expected: "expected at least 1, found \(result.run.blocks)")
    }
    return legProblem(in: result.legs) ?? ratioProblem(in: result.comparisons) ?? intervalProblem(in: result)
  }

  private static func legProblem(in legs: [LegRecord]) -> Problem? {
    struct Slot: Hashable {
      let block: Int
      let path: Path
      let workload: Workload
      let attempt: Int
    }
    var identifiers: [String: Int] = [:]
    var slots: [Slot: Int] = [:]
    for (index, leg) in legs.enumerated() {
      let place = "legs[\(index)]"
      if let first = identifiers.updateValue(index, forKey: leg.id) {
        return Problem(place: "\(place).id", expected: "expected an id of its own, found that of legs[\(first)]")
      }
      let slot = Slot(
        block: leg.block, path: leg.path, workload: leg.workload,
        attempt: leg.attempt ?? 1)
      if let first = slots.updateValue(index, forKey: slot) {
        return Problem(place: place, expected: "expected one leg a block, but legs[\(first)] is the same one")
      }
      if let problem = problem(in: leg, place: place) { return problem }
    }
    return nil
  }

  private static func problem(in leg: LegRecord, place: String) -> Problem? {
    if leg.block < 0 || leg.order < 0 {
      return Problem(place: place, expected: "expected a block and an order from 0")
    }
    if let attempt = leg.attempt, !(1...2).contains(attempt) {
      return Problem(place: "\(place).attempt", expected: "expected 1 or 2, found \(attempt)")
    }
    if leg.status != .ok && (leg.reason ?? "").isEmpty {
      return Problem(place: "\(place).reason", expected: "expected why the leg was \(leg.status.rawValue)")
    }
    if leg.status != .ok && !leg.metrics.isEmpty {
      return Problem(place: "\(place).metrics", expected: "expected none in a leg that was \(leg.status.rawValue)")
    }
    if leg.path.isNative != (leg.path.mode == .native) {
      return Problem(place: "\(place).path.mode", expected: "expected native on the native machine and nowhere else")
    }
    var names: Set<String> = []
    for (index, metric) in leg.metrics.enumerated() {
      let place = "\(place).metrics[\(index)]"
      if !names.insert(metric.name).inserted {
        return Problem(place: "\(place).name", expected: "expected a name of its own, found \"\(metric.name)\" again")
      }
      guard let histogram = metric.histogram else { continue }
      do throws(HistogramError) {
        try histogram.validate()
      } catch {
        return Problem(place: "\(place).histogram", expected: error.description)
      }
    }
    return nil
  }

  /// Ratios and what they were made of have logarithms.
  private static func ratioProblem(in comparisons: [ComparisonRecord]) -> Problem? {
    for (index, comparison) in comparisons.enumerated() {
      let figures = [
        ("value", comparison.value), ("referenceValue", comparison.referenceValue), ("ratio", comparison.ratio),
        ("low", comparison.low ?? 1), ("high", comparison.high ?? 1),
      ]
      for (name, figure) in figures where figure <= 0 {
        return Problem(place: "comparisons[\(index)].\(name)", expected: "expected a number above 0, found \(figure)")
      }
      if comparison.blocks < 1 {
        return Problem(
          place: "comparisons[\(index)].blocks", expected: "expected at least 1, found \(comparison.blocks)")
      }
    }
    return nil
  }

  /// An interval has both ends or none, in order.
  private static func intervalProblem(in result: RunResult) -> Problem? {
    let intervals =
      result.comparisons.enumerated().map { ("comparisons[\($0)]", $1.low, $1.high) }
      + result.summaries.enumerated().map { ("summaries[\($0)]", $1.low, $1.high) }
      + result.claims.enumerated().map { ("claims[\($0)]", $1.low, $1.high) }
    for (place, low, high) in intervals {
      if (low == nil) != (high == nil) {
        return Problem(place: place, expected: "expected both low and high, or neither")
      }
      if let low, let high, low > high { return Problem(place: place, expected: "expected low not above high") }
    }
    return nil
  }
}
