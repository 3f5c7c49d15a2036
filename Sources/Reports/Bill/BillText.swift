import Bills
import Results

/// Bills as plain text for a terminal.
public enum BillText {
  /// What the bill is of, and its lines as a table.
  public static func render(_ bill: Bill) -> String {
    var lines = [headline(bill)]
    if let injection = bill.run.injection { lines.append("! slowed on purpose (\(injection))") }
    if let incomplete = bill.run.incomplete { lines.append("! only \(bill.run.passes) of 2 passes: \(incomplete)") }
    if bill.run.buildConfiguration == .debug {
      lines.append("! of a debug build, whose monitor takes many times the instructions of a release")
    }
    let measured = bill.lines.filter { $0.status == .ok }
    let table =
      measured.isEmpty
      ? "" : TextColumns.table(measured.map { BillCells.row($0, BillCells.counts(bill), BillCells.layers(bill)) })
    let remarks = BillRemarks.of(bill)
    return lines.map { TextColumns.clean($0) + "\n" }.joined() + table + (remarks.isEmpty ? "" : "\n")
      + remarks.map { TextColumns.clean($0) + "\n" }.joined()
  }

  /// The functions of each of a bill's lines that took most, at most `most` of a line.
  public static func functions(_ bill: Bill, most: Int) -> String {
    let lines = bill.lines.filter { $0.functions?.isEmpty == false }
    guard !lines.isEmpty else {
      return
        "\nno functions: they are told apart on SVM alone, in a bill of two passes, up to the first line that failed\n"
    }
    return lines.map { line in
      let rows = (line.functions ?? []).prefix(most).map { one in
        [
          ("Instructions", BillCells.number(one.instructions)),
          ("Layer", BillLayer(rawValue: one.layer)?.title ?? one.layer), ("Function", one.name),
        ].map { (title: $0.0, text: $0.1) }
      }
      return "\n\(TextColumns.clean(line.name))" + TextColumns.table(Array(rows))
    }.joined()
  }

  static func headline(_ bill: Bill) -> String {
    let measured = bill.lines.compactMap(\.instructions)
    let exact = measured.count { $0.width == 0 }
    return
      "\(bill.host.summary), suite \(bill.run.suite): instructions an operation; \(exact) of \(measured.count) are the same in "
      + "\(bill.run.passes == 1 ? "the one pass" : "both passes")"
  }

  /// What changed, regressions first.
  public static func render(_ comparison: BillComparison, all: Bool = false) -> String {
    var lines = [headline(comparison)]
    lines += comparison.subjects.map { "changed: \($0)" }
    let shown = comparison.changes.filter { all || $0.outcome != .unchanged }
    let table = shown.isEmpty ? "" : TextColumns.table(shown.map(row))
    let causes = shown.compactMap { change in
      BillCells.causes(change).map { "\(change.name): \($0)" }
    }
    let more = comparison.onlyInHead.map { "only in the head: \($0)" }
    return lines.map { TextColumns.clean($0) + "\n" }.joined() + table
      + (causes.isEmpty ? "" : "\n") + (causes + more).map { TextColumns.clean($0) + "\n" }.joined()
  }

  public static func headline(_ comparison: BillComparison) -> String {
    let counts = BillOutcome.allCases.map { outcome in
      (outcome, comparison.changes.count { $0.outcome == outcome })
    }
    let words: [BillOutcome: String] = [
      .regression: "cost more", .improvement: "cost less", .unchanged: "are unchanged", .inconclusive: "are undecided",
    ]
    return "of \(comparison.changes.count) lines "
      + counts.filter { $0.1 > 0 }.map { "\($0.1) \(words[$0.0] ?? "")" }.joined(separator: ", ")
      + " (threshold \(comparison.threshold))"
  }

  /// A change in a line of its own: `exits.trap: 2 937 → 3 103 instructions, +166 (+5.7 %)`.
  public static func line(_ change: BillChange?, of comparison: BillComparison) -> String {
    guard let change else { return headline(comparison) }
    guard let base = change.base, let head = change.head else { return "\(change.name): \(change.reason ?? "")" }
    return
      "\(change.name): \(BillCells.figure(base)) → \(BillCells.figure(head)) instructions, \(BillCells.difference(change))"
  }

  private static func row(_ change: BillChange) -> [(title: String, text: String)] {
    [
      ("Workload", change.name), ("Outcome", change.outcome.rawValue),
      ("Base", change.base.map(BillCells.figure) ?? "none"), ("Head", change.head.map(BillCells.figure) ?? "none"),
      ("Difference", BillCells.difference(change)),
    ]
  }
}
