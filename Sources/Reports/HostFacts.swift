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
    run(result.run) + host(result.host)
  }

  static func run(_ run: RunRecord) -> [Fact] {
    [
      ("id", run.id), ("started", run.startedAt), ("suite", run.suite), ("seed", run.seed.description),
      ("blocks", String(run.blocks)), ("level", CSV.number(run.level)), ("interrupted", run.interrupted ? "yes" : "no"),
      ("build", run.buildConfiguration.rawValue), ("version", run.tool.version), ("revision", run.tool.revision),
      ("swift", run.tool.swift), ("command", ShellText.command(run.command)),
    ].map { Fact(section: "run", name: $0.0, value: $0.1) }
  }

  static func host(_ host: HostRecord) -> [Fact] {
    let head = [
      Fact(section: "host", name: "fingerprint", value: host.fingerprint),
      Fact(section: "kvm", name: "backend", value: host.kvm.backend.rawValue),
    ]
    let maps = [
      ("cpu", host.cpu), ("numa", host.numa), ("kernel", host.kernel), ("memory", host.memory),
      ("kvm capability", host.kvm.capabilities.mapValues { String($0) }),
    ]
    return head
      + maps.flatMap { section, facts in
        facts.sorted { $0.key < $1.key }.map { Fact(section: section, name: $0.key, value: $0.value) }
      }
  }
}
