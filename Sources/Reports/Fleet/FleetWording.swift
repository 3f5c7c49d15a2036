import Fleet
import Glibc
import Results
import Statistics

/// What is said of a fleet, the same in every form of its report.
enum FleetWording {
  /// Facts that are shown beside a finding; a host of another make differs in all.
  static let mostDifferences = 8

  static func headline(_ report: FleetReport) -> String {
    let hosts = Set(report.groups.flatMap { group in group.hosts.map(\.name) })
    let odd = Set(report.groups.flatMap { group in group.findings.map { group.hosts[$0.host].name } })
    let judged = report.groups.contains { $0.hosts.count >= OddHosts.leastHosts }
    let verdict =
      !judged
      ? "none can be told odd: that takes \(OddHosts.leastHosts) that should be alike"
      : odd.isEmpty ? "none is odd" : "\(odd.count) \(odd.count == 1 ? "is" : "are") not like the others"
    return "\(count(hosts.count, "host")) in \(count(report.groups.count, "group")): \(verdict)."
  }

  /// Whose the bundles are, by how many each key signed; nil without any.
  static func signatures(_ signers: [String: Int]) -> String? {
    guard let first = signers.keys.min() else { return nil }
    let bundles = count(signers.values.reduce(0, +), "bundle")
    return signers.count == 1
      ? "\(bundles) signed by \(first)."
      : "\(bundles) signed by \(signers.count) keys, none of which signed most of them: --public-key says which is the right one."
  }

  static func judged(_ group: FleetGroup) -> String {
    let hosts = count(group.hosts.count, "host")
    guard group.hosts.count >= OddHosts.leastHosts else {
      return "\(hosts), not judged: fewer than \(OddHosts.leastHosts) have no spread to speak of"
    }
    return "\(hosts), \(group.findings.isEmpty ? "none odd" : count(group.findings.count, "finding"))"
  }

  static func finding(_ finding: FleetGroup.Finding, _ group: FleetGroup) -> String {
    "\(group.hosts[finding.host].name): \(what(finding)) (p \(probability(finding.probability)))"
  }

  /// `bare metal is 5.1 % slower: cpu.integer throughput`.
  static func what(_ finding: FleetGroup.Finding) -> String {
    let subject = finding.kind == .native ? "bare metal" : "virtualization"
    let share = abs(finding.ratio - 1)
    let direction = finding.ratio < 1 ? "worse" : "better"
    let series = finding.series.map { $0.kind == .native ? "\($0.workload) \($0.metric)" : $0.name }
    return "\(subject) is \(Figure.share(share)) % \(direction) than the others': \(series ?? "in all its workloads")"
  }

  static func probability(_ value: Double) -> String {
    guard value >= 1e-6 else { return "below 0.000001" }
    return String(Double(Int((value * 1e6).rounded())) / 1e6)
  }

  /// The middle of a series.
  static func centre(_ figures: [FleetFigure]) -> Double {
    figures.isEmpty ? 0 : Quantile.median(figures.map(\.logarithm))
  }

  /// Over the middle: above 1 for better.
  static func over(_ figure: FleetFigure, _ centre: Double) -> Double { exp(figure.logarithm - centre) }

  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// A standard deviation of logarithms as a share.
  static func deviation(_ variance: Double) -> String { "\(Figure.share(variance.squareRoot())) %" }
}
