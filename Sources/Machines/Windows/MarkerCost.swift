import Counters

/// What a window's closing marker adds to its counts: it is an exit itself. Learned from windows in which nothing else leaves
/// the guest, since which counters see a port access differs between backends.
public struct MarkerCost: Sendable {
  private let statistics: [String: UInt64]
  private let events: [OpenCounters.Key: UInt64]

  /// A marker is a port write that the monitor answers; every backend counts that as an exit.
  public static let assumed = MarkerCost(
    statistics: ["vcpu.exits": 1, "vcpu.io_exits": 1, "monitor.port_writes": 1], events: [:])

  private init(statistics: [String: UInt64], events: [OpenCounters.Key: UInt64]) {
    (self.statistics, self.events) = (statistics, events)
  }

  /// The least that any of several empty windows counted: the host's own interrupts fall into some of them. Times are left
  /// out, since they are no counts of events.
  public init(emptyWindows windows: [WindowUse]) {
    var (statistics, events): ([String: UInt64], [OpenCounters.Key: UInt64]) = ([:], [:])
    for name in Set(windows.flatMap(\.statistics.keys)) where windows.allSatisfy({ $0.units[name] == nil }) {
      statistics[name] = windows.map { $0.statistics[name] ?? 0 }.min()
    }
    for key in Set(windows.flatMap(\.events.keys)) where !key.isTime {
      events[key] = windows.map { $0.events[key]?.value ?? 0 }.min()
    }
    self.init(statistics: statistics.filter { $0.value > 0 }, events: events.filter { $0.value > 0 })
  }

  /// The counts of a number of windows without their markers'.
  func removed(from use: WindowUse, windows: UInt64) -> WindowUse {
    var use = use
    for (name, cost) in statistics { use.statistics[name] = use.statistics[name].map { $0 - min($0, cost &* windows) } }
    for (key, cost) in events {
      use.events[key] = use.events[key].map { reading in
        PerfReading(
          value: reading.value - min(reading.value, cost &* windows), timeEnabled: reading.timeEnabled,
          timeRunning: reading.timeRunning)
      }
    }
    return use
  }
}

extension OpenCounters.Key {
  /// Whether the count is of nanoseconds, or of what a processor does all the time: no marker takes a fixed share of those.
  fileprivate var isTime: Bool { !event.contains(":") || event.contains("::") }
}
