import Bills
import Results

/// `junit.xml` of a comparison of bills: a case for every line. A regression is a failure; what is undecided is skipped with the reason.
enum BillJUnit {
  static func render(_ comparison: BillComparison) -> String {
    JUnitDocument(name: "nearmetal bill", suites: [.init(name: "bill", cases: comparison.changes.map(element))])
      .render()
  }

  private static func element(_ change: BillChange) -> JUnitDocument.Case {
    let sides = [change.base, change.head].map { $0.map(BillCells.figure) ?? "none" }.joined(separator: " → ")
    let words = ["\(sides) instructions", BillCells.difference(change), BillCells.causes(change) ?? ""]
    let text = words.filter { !$0.isEmpty }.joined(separator: "; ")
    let outcome: JUnitDocument.Case.Outcome =
      switch change.outcome {
      case .regression: .failed(text)
      case .inconclusive: .skipped(text)
      case .improvement, .unchanged: .passed
      }
    let figures = [("base", change.base?.value), ("head", change.head?.value), ("difference", change.difference)]
    return JUnitDocument.Case(
      className: "bill.\(change.path.machine.rawValue).\(change.path.mode.rawValue)", name: "\(change.workload)",
      outcome: outcome, figures: figures.compactMap { name, value in value.map { (name, CSV.number($0)) } })
  }
}
