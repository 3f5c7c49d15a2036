import Counters
import Results
import Testing

@testable import Machines

@Suite struct CounterRecordTests {
  private func records(_ reading: PerfReading, _ event: String, _ side: PerfSide) -> [CounterRecord] {
    var use = WindowUse(workload: 1, io: nil, involuntarySwitches: 0, noise: nil)
    use.events = [OpenCounters.Key(thread: "io", event: event, side: side): reading]
    return CounterRecord.all(of: use)
  }

  @Test func guestAndHostAreApartAndTracepointsAreKVMs() {
    let whole = PerfReading(value: 5, timeEnabled: 8, timeRunning: 8)
    #expect(records(whole, "cycles", .guest)[0].domain == .guest)
    #expect(records(whole, "cycles", .host)[0].domain == .host)
    #expect(records(whole, "kvm:kvm_exit", .both)[0].domain == .kvm)
    #expect(records(whole, "task-clock", .both)[0].unit == "ns")
  }

  @Test func aSharedCounterIsScaledAndSaysSo() {
    let record = records(PerfReading(value: 5, timeEnabled: 8, timeRunning: 4), "cycles", .host)[0]
    #expect(record.status == .multiplexed && record.value == 10)
    #expect(record.timeEnabled == 8 && record.timeRunning == 4)
  }

  @Test func whatAMachineCannotCountIsThereWithItsReason() {
    var use = WindowUse(workload: 1, io: nil, involuntarySwitches: 0, noise: nil)
    (use.statistics, use.uncounted) = (["vcpu.exits": 3], ["monitor.doorbells": "somebody else's"])
    let records = CounterRecord.all(of: use)
    #expect(records.map(\.name) == ["vcpu.exits", "monitor.doorbells"])
    #expect(records[1].status == .unavailable && records[1].value == nil && records[1].reason == "somebody else's")
    #expect(records[1].domain == .kvm)
  }

  @Test func aCounterThatNeverRanHasNoValueButAReason() {
    let record = records(PerfReading(value: 0, timeEnabled: 8, timeRunning: 0), "cycles", .host)[0]
    #expect(record.status == .unavailable && record.value == nil && record.reason != nil)
  }
}
