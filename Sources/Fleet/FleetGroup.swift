import Glibc
import Results
import Statistics

/// Hosts that should be alike, and those of them that are not.
public struct FleetGroup: Sendable {
  /// What makes hosts alike.
  public enum Key: String, Sendable, CaseIterable {
    /// Processor model, number of CPUs, KVM backend.
    case model
    /// Everything that the fingerprint covers.
    case fingerprint
  }

  /// A host, or one figure of it, that is not like the others'.
  public struct Finding: Sendable {
    /// An index of ``hosts``.
    public let host: Int
    public let kind: FleetSeries.Kind
    /// Nil for the host in all its series of the kind.
    public let series: FleetSeries?
    /// Over the others: below 1 for worse.
    public let ratio: Double
    public let probability: Double
    /// Facts in which the host is not like nearly all others: name, its own, theirs.
    public let differences: [(fact: String, own: String, others: String)]
  }

  public let name: String
  public let suite: String
  public let hosts: [FleetHost]
  /// Those that at least two hosts have, by name.
  public let series: [FleetSeries]
  /// The surest first.
  public let findings: [Finding]

  /// Groups hosts of one suite and looks for the odd ones among each.
  /// - Parameters:
  ///   - hosts: of the whole fleet, with any suites.
  ///   - key: what hosts must have in common to be of one group.
  ///   - alpha: the chance of naming any host of the whole fleet that is like the others.
  public static func all(_ hosts: [FleetHost], by key: Key, alpha: Double) -> [FleetGroup] {
    let groups = Dictionary(grouping: hosts) { [Self.name($0, key), $0.suite] }
    let tests = Double(max(1, groups.count * FleetSeries.Kind.allCases.count))
    return groups.keys.sorted { $0.lexicographicallyPrecedes($1) }.map {
      FleetGroup(name: $0[0], suite: $0[1], groups[$0] ?? [], alpha: alpha / tests)
    }
  }

  private static func name(_ host: FleetHost, _ key: Key) -> String {
    switch key {
    case .fingerprint: host.fingerprint
    case .model:
      "\(host.inventory["cpu.model"] ?? "unknown processor"), \(host.inventory["cpu.threads"] ?? "?") CPUs, "
        + "\(host.inventory["kvm.backend"] ?? "unknown KVM")"
    }
  }

  private init(name: String, suite: String, _ hosts: [FleetHost], alpha: Double) {
    self.name = name
    self.suite = suite
    self.hosts = hosts
    let counts = hosts.reduce(into: [FleetSeries: Int]()) { counts, host in
      for series in host.figures.keys { counts[series, default: 0] += 1 }
    }
    let series = counts.filter { $0.value > 1 }.keys.sorted {
      ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name)
    }
    self.series = series
    let facts = Self.majorities(hosts)
    findings = FleetSeries.Kind.allCases.flatMap { kind in
      let own = series.filter { $0.kind == kind }
      return OddHosts.find(Self.matrix(hosts, own), alpha: alpha).map { finding in
        Finding(
          host: finding.host, kind: kind, series: finding.series.map { own[$0] }, ratio: exp(finding.effect),
          probability: finding.probability, differences: Self.differences(hosts[finding.host], facts))
      }
    }.sorted { ($0.probability, $0.host) < ($1.probability, $1.host) }
  }

  private static func matrix(_ hosts: [FleetHost], _ series: [FleetSeries]) -> FleetMatrix {
    var matrix = FleetMatrix(hosts: hosts.count, series: series.count)
    for (row, host) in hosts.enumerated() {
      for (column, series) in series.enumerated() { matrix[row, column] = host.figures[series]?.logarithm }
    }
    return matrix
  }

  // MARK: What differs

  /// Shares of hosts from which on a fact is what nearly all have in common.
  private static let majority = 0.8
  /// Facts that differ from moment to moment.
  private static let passing = ["load.", "interrupts.", "memory.available", "memory.hugetlb", "container.cpus"]

  private static func majorities(_ hosts: [FleetHost]) -> [String: String] {
    var counts: [String: [String: Int]] = [:]
    for host in hosts {
      for (fact, value) in host.inventory { counts[fact, default: [:]][value, default: 0] += 1 }
    }
    return counts.compactMapValues { values in
      values.max { ($0.value, $1.key) < ($1.value, $0.key) }.flatMap {
        Double($0.value) >= majority * Double(hosts.count) ? $0.key : nil
      }
    }
  }

  private static func differences(
    _ host: FleetHost, _ facts: [String: String]
  ) -> [(fact: String, own: String, others: String)] {
    facts.sorted { $0.key < $1.key }.compactMap { fact, others in
      guard !passing.contains(where: fact.hasPrefix) else { return nil }
      let own = host.inventory[fact] ?? "not told"
      return own == others ? nil : (fact, own, others)
    }
  }

  // MARK: Figures

  /// A series' figures with the hosts that have one.
  public func figures(_ series: FleetSeries) -> [(host: Int, figure: FleetFigure)] {
    hosts.enumerated().compactMap { index, host in host.figures[series].map { (index, $0) } }
  }

  /// Where the spread of a series comes from, over all groups that have it.
  public static func variance(of series: FleetSeries, in groups: [FleetGroup]) -> FleetVariance? {
    FleetVariance(
      groups.map { group in group.figures(series).map { ($0.figure.logarithm, $0.figure.variance) } })
  }
}
