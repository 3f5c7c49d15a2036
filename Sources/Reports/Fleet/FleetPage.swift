import Fleet
import Results
import Statistics

/// A fleet as one offline page: who is odd, in what, and how all the others are spread.
enum FleetPage {
  /// What the page holds as data: who is odd, who is missing. The table of all figures is a file of its own.
  private struct Data: Encodable {
    struct Finding: Encodable {
      let group: String
      let suite: String
      let host: String
      let question: FleetSeries.Kind
      let series: FleetSeries?
      let ratio: Double
      let probability: Double
    }

    struct Wrong: Encodable {
      let host: String
      let path: String
      let what: String
    }

    let hosts: Int
    let computesOtherwise: [Wrong]
    let findings: [Finding]
    let missing: [String]
    let leftOut: [String]
  }

  static func render(_ report: FleetReport) throws(ReportError) -> String {
    let findings = report.groups.flatMap { group in
      group.findings.map {
        Data.Finding(
          group: group.name, suite: group.suite, host: group.hosts[$0.host].name, question: $0.kind, series: $0.series,
          ratio: $0.ratio, probability: $0.probability)
      }
    }
    let data = Data(
      hosts: report.groups.reduce(0) { $0 + $1.hosts.count },
      computesOtherwise: report.wrong.map { Data.Wrong(host: $0.host, path: $0.path, what: $0.what) },
      findings: findings, missing: report.missing,
      leftOut: report.leftOut.map(\.path))
    return try Page.html(
      title: "NearMetal: a fleet", body: try Template.render("fleet.html.mustache", View(report)),
      data: try ReportData(data, fileName: "fleet.json"))
  }

  private struct View {
    let title = "NearMetal: which host is not like its kin"
    let headline: String
    let signatures: String
    let method: String
    let wrong: [Wrong]
    let hasWrong: Bool
    let findings: [Finding]
    let hasFindings: Bool
    let groups: [Group]
    let missing: [String]
    let hasMissing: Bool
    let leftOut: [LeftOut]
    let hasLeftOut: Bool

    struct Wrong {
      let host: String
      let what: String
      let path: String
    }

    struct Finding {
      let host: String
      let group: String
      let what: String
      let probability: String
      let differences: [String]
      let more: String
    }

    struct Group {
      let id: String
      let name: String
      let judged: String
      let rows: [Row]
    }

    struct Row {
      let name: String
      let question: String
      let strip: String
      let hosts: Int
      let within: String
      let between: String
      let groups: String
    }

    struct LeftOut {
      let path: String
      let reason: String
    }

    init(_ report: FleetReport) {
      headline = FleetWording.headline(report)
      signatures = report.signatures ?? ""
      method =
        "Each host is held against those of its group twice: by what its bare metal does, and by its guests' figures over it. Medians tell what a "
        + "workload and a host have in common; a rest is odd where it is farther off than chance allows among all that were looked at (Bonferroni's correction over hosts "
        + "and over figures): the chance of naming any host that is like the others is at most \(Figure.percent(report.alpha))."
      wrong = report.wrong.map { Wrong(host: $0.host, what: $0.what, path: $0.path) }
      hasWrong = !wrong.isEmpty
      findings = report.groups.flatMap { group in group.findings.map { Self.finding($0, group) } }
      hasFindings = !findings.isEmpty
      groups = report.groups.enumerated().map { Self.group($0.offset, $0.element, report.groups) }
      missing = report.missing
      hasMissing = !missing.isEmpty
      leftOut = report.leftOut.map { LeftOut(path: $0.path, reason: $0.reason) }
      hasLeftOut = !leftOut.isEmpty
    }

    private static func finding(_ finding: FleetGroup.Finding, _ group: FleetGroup) -> Finding {
      let shown = finding.differences.prefix(FleetWording.mostDifferences)
      let more = finding.differences.count - shown.count
      return Finding(
        host: group.hosts[finding.host].name, group: group.name, what: FleetWording.what(finding),
        probability: FleetWording.probability(finding.probability),
        differences: shown.map { "\($0.fact): \($0.own); others: \($0.others)" },
        more: more > 0 ? "and \(more) more" : "")
    }

    private static func group(_ index: Int, _ group: FleetGroup, _ all: [FleetGroup]) -> Group {
      Group(
        id: "group-\(index)", name: "\(group.name), suite \(group.suite)", judged: FleetWording.judged(group),
        rows: group.series.enumerated().map { number, series in
          let variance = FleetGroup.variance(of: series, in: all.filter { $0.suite == group.suite })
          let figures = group.figures(series)
          return Row(
            name: series.kind == .native ? "\(series.workload) \(series.metric)" : series.name,
            question: series.kind == .native ? "bare metal" : "virtualization",
            strip: FleetStrip(series, group, figures).svg(id: "strip-\(index)-\(number)"), hosts: figures.count,
            within: variance.map { $0.within > 0 ? FleetWording.deviation($0.within) : "not told" } ?? "",
            between: variance.map { FleetWording.deviation($0.betweenHosts) } ?? "",
            groups: variance.map { all.count > 1 ? FleetWording.deviation($0.betweenGroups) : "one group" } ?? "")
        })
    }
  }
}

/// The hosts of a group along one series: how many lie where, and the odd ones by name.
struct FleetStrip {
  private let series: FleetSeries
  private let offsets: [(host: Int, share: Double)]
  private let odd: [Int: String]
  private static let columns = 80
  private static let size = (width: 320.0, height: 50.0, base: 24.0)
  /// Shares: nearer hosts are not told apart by eye.
  private static let leastReach = 0.01

  init(_ series: FleetSeries, _ group: FleetGroup, _ figures: [(host: Int, figure: FleetFigure)]) {
    self.series = series
    let centre = FleetWording.centre(figures.map(\.figure))
    offsets = figures.map { ($0.host, FleetWording.over($0.figure, centre) - 1) }
    odd = group.findings.filter { $0.kind == series.kind && ($0.series ?? series) == series }
      .reduce(into: [:]) { $0[$1.host] = group.hosts[$1.host].name }
  }

  func svg(id: String) -> String {
    let size = Self.size
    let reach = max(Self.leastReach, offsets.map { abs($0.share) }.max() ?? 0)
    func place(_ share: Double) -> Double { size.width / 2 * (1 + share / reach * 0.95) }
    var counts = [Int](repeating: 0, count: Self.columns)
    for (_, share) in offsets {
      counts[max(0, min(Self.columns - 1, Int(place(share) / size.width * Double(Self.columns))))] += 1
    }
    let most = Double(max(1, counts.max() ?? 1))
    var svg = SVG(width: size.width, height: size.height)
    svg.line(size.width / 2, 0, size.width / 2, size.base, "metal")
    let width = size.width / Double(Self.columns)
    for (column, count) in counts.enumerated() where count > 0 {
      let height = max(2, Double(count) / most * (size.base - 4))
      svg.rectangle(
        Double(column) * width, size.base - height, width: width - 0.5, height: height,
        "mark p-\(series.path.mode.rawValue)",
        title: FleetWording.count(count, "host"))
    }
    for (host, share) in offsets {
      guard let name = odd[host] else { continue }
      svg.mark(Mark(series.path), place(share), size.base + 7, title: "\(name): \(Self.percent(share))")
    }
    svg.text(Self.percent(-reach), 0, size.height - 3, "")
    svg.text(Self.percent(reach), size.width, size.height - 3, "end")
    let names = odd.values.sorted().joined(separator: ", ")
    return svg.element(
      id: id, title: "\(series.name) by host",
      description: "\(FleetWording.count(offsets.count, "host")) within \(Self.percent(reach)) of their middle"
        + (names.isEmpty ? "" : "; odd: \(names)"))
  }

  private static func percent(_ share: Double) -> String { "\(share < 0 ? "−" : "+")\(Figure.share(abs(share))) %" }
}
