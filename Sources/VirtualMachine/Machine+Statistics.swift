import KVM

/// How to read a value of a machine's statistics.
public struct StatisticMeaning: Sendable {
  /// Whether two readings make a count; else the value is how things stand.
  public let isCount: Bool
  /// nil for a plain number.
  public let unit: String?
}

extension Machine {
  /// The names of all that is counted: by KVM, where it counts, of the machine, and of all vCPUs together (`vcpu.`); and by the
  /// monitor (`monitor.`). In the order of ``counts()``.
  public var countNames: [String] {
    virtualMachine.countNames + vcpus[0].countNames.map { "vcpu.\($0)" } + ExitCounters.names
      + deviceCounts.map { "monitor.\($0.key)" }
  }

  /// All counts as they stand now, without their names: for the edges of windows. Any thread.
  public func counts() -> [UInt64] {
    var (kvm, monitor) = (vcpus[0].counts(), vcpus[0].exitCounts)
    for vcpu in vcpus.dropFirst() {
      for (index, value) in vcpu.counts().enumerated() { kvm[index] &+= value }
      for (index, value) in vcpu.exitCounts.enumerated() { monitor[index] &+= value }
    }
    return virtualMachine.counts() + kvm + monitor + deviceCounts.map(\.value)
  }

  /// What the devices have counted, in an order that stays. What one of them cannot tell any more is 0.
  private var deviceCounts: [(key: String, value: UInt64)] {
    devices.flatMap { device in
      let counts = device.counts
      return device.countNames.map { ($0, counts[$0] ?? 0) }
    }
  }

  /// What its devices do not count, though others of their kind do, by the name that it would have, with the reason.
  public var uncounted: [String: String] {
    devices.reduce(into: [:]) { all, device in
      for (name, reason) in device.uncounted { all["monitor.\(name)"] = reason }
    }
  }

  /// The counts by name. Any thread.
  public func statistics() -> [String: UInt64] {
    Dictionary(zip(countNames, counts()), uniquingKeysWith: { $0 &+ $1 })
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
