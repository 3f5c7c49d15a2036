import Foundation

/// A JUnit file as CI systems read it, by the schema that Jenkins' xUnit plugin publishes (junit-10.xsd): counts that are not in it would
/// make strict readers refuse the file.
struct JUnitDocument {
  struct Case {
    enum Outcome {
      case passed
      case skipped(String)
      case failed(String)
    }

    var className: String
    var name: String
    var outcome: Outcome
    /// That it took; nil where that is not known, and where it took none.
    var seconds: Double?
    /// Figures by name, which readers show as the case's output.
    var figures: [(name: String, value: String)] = []
  }

  struct Suite {
    var name: String
    /// ISO 8601; nil for none.
    var timestamp: String?
    var cases: [Case]
  }

  var name: String
  var suites: [Suite]

  func render() -> String {
    let all = suites.flatMap(\.cases)
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    xml += "<testsuites name=\"\(XMLText.escape(name))\"\(Self.counts(all))\(Self.time(all))>\n"
    for suite in suites {
      let timestamp = suite.timestamp.map { " timestamp=\"\(XMLText.escape($0))\"" } ?? ""
      let skipped = suite.cases.count { if case .skipped = $0.outcome { true } else { false } }
      xml += "  <testsuite name=\"\(XMLText.escape(suite.name))\"\(Self.counts(suite.cases)) skipped=\"\(skipped)\""
      xml += "\(Self.time(suite.cases))\(timestamp)>\n"
      xml += suite.cases.map(Self.element).joined()
      xml += "  </testsuite>\n"
    }
    return xml + "</testsuites>\n"
  }

  private static func counts(_ cases: [Case]) -> String {
    let failures = cases.count { if case .failed = $0.outcome { true } else { false } }
    return " tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\""
  }

  private static func time(_ cases: [Case]) -> String {
    let known = cases.compactMap(\.seconds)
    return time(known.isEmpty ? nil : known.reduce(0, +))
  }

  /// Milliseconds are as fine as any reader of these files.
  private static func time(_ seconds: Double?) -> String {
    seconds.map { " time=\"\(String(format: "%.3f", $0))\"" } ?? ""
  }

  private static func element(_ test: Case) -> String {
    let head =
      "    <testcase classname=\"\(XMLText.escape(test.className))\" name=\"\(XMLText.escape(test.name))\""
      + time(test.seconds)
    var content = ""
    switch test.outcome {
    case .passed: break
    case .skipped(let reason): content += "      <skipped message=\"\(XMLText.escape(reason))\"/>\n"
    case .failed(let reason):
      let text = XMLText.escape(reason)
      content += "      <failure message=\"\(text)\">\(text)</failure>\n"
    }
    if !test.figures.isEmpty {
      let lines = test.figures.map { "\(XMLText.escape($0.name)): \(XMLText.escape($0.value))\n" }
      content += "      <system-out>\(lines.joined())</system-out>\n"
    }
    return content.isEmpty ? "\(head)/>\n" : "\(head)>\n\(content)    </testcase>\n"
  }
}
