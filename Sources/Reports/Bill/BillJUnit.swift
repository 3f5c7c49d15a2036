import Bills
import Results

/// `junit.xml` of a comparison of bills: a case for every line. A regression is a failure; what is undecided is skipped with the reason.
enum BillJUnit {
  static func render(_ comparison: BillComparison) -> String {
    let changes = comparison.changes
    let counts =
      "tests=\"\(changes.count)\" failures=\"\(changes.count { $0.outcome == .regression })\" errors=\"0\" "
      + "skipped=\"\(changes.count { $0.outcome == .inconclusive })\""
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nearmetal bill\" \(counts)>\n"
      + "  <testsuite name=\"bill\" \(counts)>\n" + changes.map(element).joined()
      + "  </testsuite>\n</testsuites>\n"
  }

  private static func element(_ change: BillChange) -> String {
    let place = "bill.\(change.path.machine.rawValue).\(change.path.mode.rawValue)"
    let figures = [("base", change.base?.value), ("head", change.head?.value), ("difference", change.difference)]
    let properties = figures.compactMap { name, value in
      value.map { "        <property name=\"\(name)\" value=\"\(CSV.number($0))\"/>\n" }
    }
    var xml = "    <testcase classname=\"\(place)\" name=\"\(XMLText.escape("\(change.workload)"))\">\n"
    if !properties.isEmpty { xml += "      <properties>\n\(properties.joined())      </properties>\n" }
    let sides = [change.base, change.head].map { $0.map(BillCells.figure) ?? "none" }.joined(separator: " → ")
    let words = ["\(sides) instructions", BillCells.difference(change), BillCells.causes(change) ?? ""]
    let text = XMLText.escape(words.filter { !$0.isEmpty }.joined(separator: "; "))
    switch change.outcome {
    case .regression: xml += "      <failure message=\"\(text)\">\(text)</failure>\n"
    case .inconclusive: xml += "      <skipped message=\"\(text)\"/>\n"
    case .improvement, .unchanged: break
    }
    return xml + "    </testcase>\n"
  }
}
