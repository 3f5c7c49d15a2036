import Counters
import Results

extension CounterRecord {
  /// What a window counted: KVM's statistics first, then what could not be counted, then the perf events by thread.
  public static func all(of use: WindowUse) -> [CounterRecord] {
    let statistics = use.statistics.sorted { $0.key < $1.key }.map {
      CounterRecord(name: $0.key, domain: .kvm, value: $0.value, status: .counted, unit: use.units[$0.key])
    }
    let events = use.events.sorted {
      ($0.key.thread, $0.key.event, $0.key.side.rawValue) < ($1.key.thread, $1.key.event, $1.key.side.rawValue)
    }
    let uncounted = use.uncounted.sorted { $0.key < $1.key }.map {
      CounterRecord(name: $0.key, domain: .kvm, value: nil, status: .unavailable, reason: $0.value)
    }
    return statistics + uncounted + events.map { CounterRecord($0.key, $0.value) }
  }

  private init(_ key: OpenCounters.Key, _ reading: PerfReading) {
    let value = reading.scaled
    let status: CounterStatus = value == nil ? .unavailable : reading.isMultiplexed ? .multiplexed : .counted
    self.init(
      name: key.event, domain: Self.domain(key), value: value, timeEnabled: reading.timeEnabled,
      timeRunning: reading.timeRunning, status: status,
      reason: value == nil ? "other events held the processor's counters for the whole window" : nil,
      thread: key.thread, unit: key.event.hasPrefix("task-clock") ? "ns" : nil)
  }

  private static func domain(_ key: OpenCounters.Key) -> CounterDomain {
    if key.event.hasPrefix("kvm:") { return .kvm }
    return key.side == .guest ? .guest : .host
  }
}
