import Results
import TextTable

/// An audit as plain text for a terminal.
public enum AuditTable {
  /// A row for every check, then what cannot be counted, then the counters that are not to be trusted. Ends with a newline.
  public static func render(_ audit: AuditRecord) -> String {
    let table = TextTable<AuditCheck> { check in
      [
        Column(title: "Counter", value: check.counter), Column(title: "Work", value: check.work),
        Column(title: "Known", value: check.known.map(String.init) ?? "", align: .right),
        Column(title: "Counted", value: check.counted.map(String.init) ?? "", align: .right),
        Column(title: "Verdict", value: check.verdict.rawValue), Column(title: "Why", value: check.why ?? ""),
      ]
    }
    var lines = (table.string(for: audit.checks) ?? "").split(separator: "\n").map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    lines += audit.unavailable.map { "not available: \($0.summary)" }
    let known = audit.untrustedByNature
    if !known.isEmpty {
      lines.append("untrusted, as on every host with this backend: \(known.joined(separator: ", "))")
    }
    let wrong = audit.untrusted.filter { !known.contains($0) }
    if !wrong.isEmpty { lines.append("untrusted here: \(wrong.joined(separator: ", "))") }
    return lines.map { "\($0)\n" }.joined()
  }
}
