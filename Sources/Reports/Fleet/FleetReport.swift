import Fleet
import LinuxSystem
import Results

/// What a fleet's report says, in every form that it has.
public struct FleetReport: Sendable {
  /// Hosts that compute otherwise than their kin, or found wrong data.
  let wrong: [WrongAnswer]
  let groups: [FleetGroup]
  let leftOut: [FleetProblem]
  /// Hosts that were expected and gave no result.
  let missing: [String]
  /// Whose the bundles are; nil where there are none.
  let signatures: String?
  let alpha: Double

  /// - Parameters:
  ///   - reader: what was read, and what was left out and why.
  ///   - key: what hosts must have in common to be compared.
  ///   - expected: names of the hosts that were to be measured; nil where nobody said.
  ///   - alpha: the chance of naming any host of the whole fleet that is like the others.
  public init(_ reader: FleetReader, by key: FleetGroup.Key, expected: [String]?, alpha: Double) {
    wrong = WrongAnswer.find(reader.hosts)
    groups = FleetGroup.all(reader.hosts, by: key, alpha: alpha)
    leftOut = reader.leftOut
    let there = Set(reader.hosts.map(\.name))
    missing = (expected ?? []).filter { !there.contains($0) }
    signatures = FleetWording.signatures(reader.signers)
    self.alpha = alpha
  }

  /// Nothing is missing and nothing was left out.
  public var isComplete: Bool { leftOut.isEmpty && missing.isEmpty }

  /// A host computes otherwise than the others, or found wrong data.
  public var hasWrongAnswers: Bool { !wrong.isEmpty }

  /// One offline page.
  public func html() throws(ReportError) -> String { try FleetPage.render(self) }

  /// A row for each figure of each host.
  public var table: DataTable {
    DataTable(
      header: [
        "group", "suite", "host", "question", "workload", "parameters", "machine", "mode", "metric", "value", "unit",
        "over_group", "odd_probability",
      ],
      rows: groups.flatMap { group in group.series.flatMap { Self.rows($0, group) } })
  }

  private static func rows(_ series: FleetSeries, _ group: FleetGroup) -> [[String]] {
    let figures = group.figures(series)
    let centre = FleetWording.centre(figures.map(\.figure))
    return figures.map { host, figure in
      let odd = group.findings.first { $0.host == host && $0.kind == series.kind && ($0.series ?? series) == series }
      return [
        group.name, group.suite, group.hosts[host].name, series.kind.rawValue, series.workload.id,
        series.workload.parameterText, series.path.machine.rawValue, series.path.mode.rawValue, series.metric,
        CSV.number(figure.value), figure.unit, CSV.number(FleetWording.over(figure, centre)),
        CSV.number(odd?.probability),
      ]
    }
  }

  /// Lines for a terminal.
  public var text: String {
    var lines = wrong.map { "\($0.host) computes otherwise: \($0.what)" }
    if !wrong.isEmpty { lines.append("") }
    lines.append(FleetWording.headline(self))
    if let signatures { lines.append(signatures) }
    for group in groups {
      lines.append("")
      lines.append("\(group.name), suite \(group.suite): \(FleetWording.judged(group))")
      for finding in group.findings {
        lines.append("  \(FleetWording.finding(finding, group))")
        for one in finding.differences.prefix(FleetWording.mostDifferences) {
          lines.append("      \(one.fact): \(one.own); others: \(one.others)")
        }
      }
    }
    if !missing.isEmpty { lines += ["", "No result of: \(missing.joined(separator: ", "))"] }
    if !leftOut.isEmpty { lines += ["", "Left out:"] + leftOut.map { "  \($0.path): \($0.reason)" } }
    return lines.joined(separator: "\n") + "\n"
  }
}
