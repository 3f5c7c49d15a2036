import Foundation
import LinuxSystem
import Results

/// Results for monitoring systems.
///
/// As text, it is what Prometheus' exposition format (version 0.0.4) and OpenMetrics 1.0 have in common, so that node_exporter's
/// textfile collector takes it as well as whatever reads OpenMetrics.
public struct ResultExport {
  /// In the order of their families, each family's by its labels.
  public let samples: [ExportedSample]
  private let distributions: [Distribution]

  /// Times of single operations, of all legs of a path.
  private struct Distribution {
    let labels: [String: String]
    var counts: [UInt64]
    var count: UInt64
    var sum: Double
  }

  /// Upper bounds of a histogram's buckets, 1, 2 and 5 of each power of ten: in nanoseconds, and as text in seconds.
  private static let bounds = (1...9).flatMap { power in
    [1, 2, 5].map { (nanoseconds: Double($0) * pow(10, Double(power)), text: "\($0)e\(power - 9)") }
  }

  /// - Parameter results: of different hosts or suites: ``latest(_:)`` of all that there are.
  public init(_ results: [RunResult]) {
    var samples: [ExportedSample] = []
    var distributions: [Distribution] = []
    for result in results {
      samples += Self.run(result) + Self.figures(result) + Self.claims(result)
      distributions += Self.distributions(result)
    }
    let places = Dictionary(
      uniqueKeysWithValues: ExportedFamily.allCases.enumerated().map { ($0.element.rawValue, $0.offset) })
    let placed = samples.map { (sample: $0, family: places[$0.family] ?? 0, labels: Self.text($0.labels)) }
    self.samples = placed.sorted { ($0.family, $0.labels) < ($1.family, $1.labels) }.map { $0.sample }
    self.distributions = distributions.sorted { Self.text($0.labels) < Self.text($1.labels) }
  }

  /// The last of each suite on each host, and how many others there were: a monitoring system keeps the course itself.
  public static func latest(_ results: [RunResult]) -> (results: [RunResult], others: Int) {
    let groups = Dictionary(grouping: results) { [$0.host.fingerprint, $0.run.suite] }
    let latest = groups.values.compactMap { $0.max { ($0.run.startedAt, $0.run.id) < ($1.run.startedAt, $1.run.id) } }
    return (latest.sorted { $0.run.id < $1.run.id }, results.count - latest.count)
  }

  // MARK: Samples

  /// The run is in the info alone: a label that is another one at each run would begin every series anew.
  private static func base(_ result: RunResult) -> [String: String] {
    ["host": result.host.fingerprint, "suite": result.run.suite]
  }

  private static func run(_ result: RunResult) -> [ExportedSample] {
    let base = base(result)
    var info = base
    info["run"] = result.run.id
    info["backend"] = result.host.kvm.backend.rawValue
    info["version"] = result.run.tool.version
    info["revision"] = result.run.tool.revision
    info["build"] = result.run.buildConfiguration.rawValue
    info["interrupted"] = result.run.interrupted ? "true" : "false"
    var samples = [ExportedSample(.runInfo, info, 1)]
    if let start = ISO8601DateFormatter().date(from: result.run.startedAt) {
      samples.append(ExportedSample(.runStart, base, start.timeIntervalSince1970))
    }
    for status in LegStatus.allCases {
      let count = result.legs.count { $0.status == status }
      samples.append(ExportedSample(.legs, base.merging(["status": status.rawValue]) { $1 }, Double(count)))
    }
    return samples
  }

  private static func labels(_ result: RunResult, _ workload: Workload, _ path: Path) -> [String: String] {
    var labels = base(result)
    labels["workload"] = workload.id
    if !workload.parameters.isEmpty { labels["parameters"] = workload.parameterText }
    labels["machine"] = path.machine.rawValue
    labels["mode"] = path.mode.rawValue
    return labels
  }

  private static func figures(_ result: RunResult) -> [ExportedSample] {
    var samples: [ExportedSample] = []
    var seen: Set<[String]> = []
    func add(_ workload: Workload, _ path: Path, _ metric: String, _ unit: String, _ value: Double) {
      guard let (family, factor) = ExportedFamily.of(unit: unit) else { return }
      var labels = labels(result, workload, path)
      labels["metric"] = metric
      // A reference is that of several comparisons.
      guard value.isFinite, seen.insert([family.rawValue, text(labels)]).inserted else { return }
      samples.append(ExportedSample(family, labels, value * factor))
    }
    for record in result.comparisons {
      add(record.workload, record.path, record.metric, record.unit, record.value)
      if record.reference == .native {
        add(record.workload, .native, record.metric, record.unit, record.referenceValue)
      }
      var labels = labels(result, record.workload, record.path)
      (labels["metric"], labels["reference"]) = (record.metric, record.reference.rawValue)
      let bounds: [(ExportedFamily, Double?)] = [
        (.ratio, record.ratio), (.ratioLow, record.low), (.ratioHigh, record.high),
      ]
      samples += bounds.compactMap { family, value in value.map { ExportedSample(family, labels, $0) } }
    }
    for record in result.summaries { add(record.workload, record.path, record.metric, record.unit, record.mean) }
    return samples
  }

  private static func claims(_ result: RunResult) -> [ExportedSample] {
    result.claims.flatMap { claim in
      ClaimVerdict.allCases.map { verdict in
        var labels = base(result)
        labels["claim"] = claim.id
        labels["requirement"] = (claim.requirement ?? .optional).rawValue
        labels["verdict"] = verdict.rawValue
        return ExportedSample(.claim, labels, claim.verdict == verdict ? 1 : 0)
      }
    }
  }

  private static func distributions(_ result: RunResult) -> [Distribution] {
    var found: [String: Distribution] = [:]
    for leg in result.legs where leg.status == .ok {
      guard let record = leg.metrics.lazy.compactMap(\.histogram).first,
        let times = try? LatencyDistribution(record), let mean = times.mean
      else { continue }
      let labels = labels(result, leg.workload, leg.path)
      let counts = bounds.map { times.count(atMost: $0.nanoseconds) }
      let key = text(labels)
      guard var known = found[key] else {
        found[key] = Distribution(
          labels: labels, counts: counts, count: times.count, sum: mean * Double(times.count) * 1e-9)
        continue
      }
      known.counts = zip(known.counts, counts).map { $0 &+ $1 }
      known.count &+= times.count
      known.sum += mean * Double(times.count) * 1e-9
      found[key] = known
    }
    return Array(found.values)
  }

  // MARK: Text

  /// The exposition format.
  public var openMetrics: String {
    var lines: [String] = []
    for family in ExportedFamily.allCases {
      let name = family.rawValue
      let own = samples.filter { $0.family == name }
      let body = family == .operation ? histograms(name) : own.map { "\(name)\(Self.text($0.labels)) \($0.value)" }
      guard !body.isEmpty else { continue }
      lines.append("# HELP \(name) \(family.help)")
      lines.append("# TYPE \(name) \(family == .operation ? "histogram" : "gauge")")
      lines += body
    }
    return (lines + ["# EOF"]).joined(separator: "\n") + "\n"
  }

  private func histograms(_ name: String) -> [String] {
    distributions.flatMap { one -> [String] in
      let buckets = zip(Self.bounds, one.counts).map { bound, count in
        "\(name)_bucket\(Self.text(one.labels.merging(["le": bound.text]) { $1 })) \(count)"
      }
      let labels = Self.text(one.labels)
      return buckets + [
        "\(name)_bucket\(Self.text(one.labels.merging(["le": "+Inf"]) { $1 })) \(one.count)",
        "\(name)_sum\(labels) \(one.sum)", "\(name)_count\(labels) \(one.count)",
      ]
    }
  }

  /// Labels as the format has them, by their names.
  private static func text(_ labels: [String: String]) -> String {
    let pairs = labels.sorted { $0.key < $1.key }.map { name, value in
      let escaped = value.printable.replacing(scalar: "\\", with: "\\\\").replacing(scalar: "\"", with: "\\\"")
      return "\(name)=\"\(escaped)\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }

  /// A row for each sample: what every label is, and the value.
  public var table: DataTable {
    let names = Set(samples.flatMap(\.labels.keys)).sorted()
    return DataTable(
      header: ["family"] + names + ["value"],
      rows: samples.map { sample in
        [sample.family] + names.map { sample.labels[$0] ?? "" } + ["\(sample.value)"]
      })
  }
}
