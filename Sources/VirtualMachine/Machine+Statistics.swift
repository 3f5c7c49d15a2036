import KVM

/// How to read a value of a machine's statistics.
public struct StatisticMeaning: Sendable {
  /// Whether two readings make a count; else the value is how things stand.
  public let isCount: Bool
  /// nil for a plain number.
  public let unit: String?
}

extension Machine {
  /// KVM's own counters, where it has any: of the machine, and of all vCPUs together (`vcpu.`); and what the monitor counts
  /// (`monitor.`). Any thread.
  public func statistics() -> [String: UInt64] {
    var all = virtualMachine.statistics()
    for vcpu in vcpus {
      for (name, value) in vcpu.statistics() { all["vcpu.\(name)", default: 0] &+= value }
      for (name, value) in vcpu.exitCounts { all[name, default: 0] &+= value }
    }
    for counts in [disk?.counts, nic?.counts] {
      for (name, value) in counts ?? [:] { all["monitor.\(name)", default: 0] &+= value }
    }
    return all
  }

  /// What each value of ``statistics()`` is, by its name there.
  public var statisticMeanings: [String: StatisticMeaning] {
    var all: [String: StatisticMeaning] = [:]
    for (prefix, descriptions) in [
      ("", virtualMachine.statisticDescriptions), ("vcpu.", vcpus[0].statisticDescriptions),
    ] {
      for description in descriptions {
        let meaning = StatisticMeaning(isCount: description.kind.isCount, unit: description.unitSymbol)
        for name in description.valueNames { all[prefix + name] = meaning }
      }
    }
    all["monitor.backend_p50_ns"] = StatisticMeaning(isCount: false, unit: "ns")
    return all
  }
}
