import Results
import Topology

/// The facts of a run and its host as one list, in a fixed order.
enum HostFacts {
  struct Fact {
    let section: String
    let name: String
    let value: String

    var kind: FactKind { FactKind(section == "kvm" ? "kvm.\(name)" : name) }
  }

  static func all(_ result: RunResult) -> [Fact] {
    run(result.run) + (result.calibration.map(calibration) ?? []) + host(result.host)
  }

  static func run(_ run: RunRecord) -> [Fact] {
    let scaled = run.scale.map { [("scale", CSV.number($0))] } ?? []
    let injected = run.injection.map { [("slowed on purpose", $0.description)] } ?? []
    return
      ([
        ("id", run.id), ("started", run.startedAt), ("suite", run.suite), ("seed", run.seed.description),
        ("blocks", String(run.blocks)), ("level", CSV.number(run.level)),
        ("interrupted", run.interrupted ? "yes" : "no"),
        ("build", run.buildConfiguration.rawValue), ("version", run.tool.version), ("revision", run.tool.revision),
        ("swift", run.tool.swift), ("command", ShellText.command(run.command)),
      ] + placement(run) + storage(run) + scaled + injected).map { Fact(section: "run", name: $0.0, value: $0.1) }
  }

  private static func storage(_ run: RunRecord) -> [(String, String)] {
    guard let storage = run.storage else { return [] }
    let direct =
      storage.isDirectReal
      ? storage.directAlignment.map { "past the page cache in multiples of \($0) bytes" }
      : "nothing goes past memory: figures of the backing direct are the page cache's"
    let words = [
      storage.filesystem ?? "a device", storage.sector.map { "sectors of \($0) bytes" }, direct,
    ]
    return [("disk", words.compactMap(\.self).joined(separator: "; "))]
  }

  private static func placement(_ run: RunRecord) -> [(String, String)] {
    guard let placement = run.placement else { return [] }
    let cpus = "workload on CPU \(placement.vcpu), I/O on \(placement.io.map { "CPU \($0)" } ?? "the same")"
    let nodes = [("memory", placement.memoryNode), ("device", placement.deviceNode)].compactMap { name, node in
      node.map { "\(name) on node \($0)" }
    }
    return [
      ("placement", ([placement.plan, cpus] + nodes + ["huge pages \(placement.hugePages)"]).joined(separator: "; "))
    ]
  }

  /// What a calibration found about judging on the host.
  static func calibration(_ calibration: CalibrationRecord) -> [Fact] {
    func rate(_ rate: RateRecord) -> String {
      guard let low = rate.low, let high = rate.high else { return "not tried" }
      return "\(rate.count) of \(rate.trials) [\(Figure.percent(low)), \(Figure.percent(high))]"
    }
    let head = [
      ("made", calibration.calibratedAt), ("suite", calibration.suite),
      ("blocks of a decision", String(calibration.blocks)),
      ("false alarms", rate(calibration.falseAlarms)), ("false alarms of whole gates", rate(calibration.gateAlarms)),
    ]
    let detections = calibration.detections.map { ("found \($0.injection)", rate($0.rate)) }
    let noise = calibration.metrics.map { metric in
      (
        "noise of \(metric.workload) \(metric.metric), \(metric.path.machine.rawValue) \(metric.path.mode.rawValue)",
        "floor \(Figure.percent(metric.noiseFloor)), least slowdown that is noticed "
          + Figure.percent(metric.minimumDetectableEffect)
      )
    }
    return (head + detections + noise).map { Fact(section: "calibration", name: $0.0, value: $0.1) }
  }

  static func host(_ host: HostRecord) -> [Fact] {
    let head = [
      Fact(section: "host", name: "fingerprint", value: host.fingerprint),
      Fact(section: "kvm", name: "backend", value: host.kvm.backend.rawValue),
    ]
    let maps = [
      ("cpu", host.cpu), ("numa", host.numa), ("kernel", host.kernel), ("memory", host.memory),
      ("facts", host.facts ?? [:]),
      ("kvm capability", host.kvm.capabilities.mapValues { String($0) }),
    ]
    return head
      + maps.flatMap { section, facts in
        facts.sorted { $0.key < $1.key }.map { Fact(section: section, name: $0.key, value: $0.value) }
      }
  }
}
