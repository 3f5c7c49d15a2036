import Counters
import Testing

@testable import Machines

@Suite struct MarkerCostTests {
  private let pio = OpenCounters.Key(thread: "workload", event: "kvm:kvm_pio", side: .both)
  private let clock = OpenCounters.Key(thread: "workload", event: "task-clock", side: .both)

  private func window(exits: UInt64, pio count: UInt64) -> WindowUse {
    var use = WindowUse(workload: 1, io: nil, involuntarySwitches: 0, noise: nil)
    use.statistics = ["vcpu.exits": exits, "vcpu.halt_wait_ns": 500]
    use.units = ["vcpu.halt_wait_ns": "ns"]
    use.events = [
      pio: PerfReading(value: count, timeEnabled: 9, timeRunning: 9),
      clock: PerfReading(value: 70, timeEnabled: 9, timeRunning: 9),
    ]
    return use
  }

  @Test func theLeastOfTheEmptyWindowsIsTheMarkersOwn() {
    // The host's tick fell into two of the three.
    let cost = MarkerCost(emptyWindows: [window(exits: 2, pio: 1), window(exits: 1, pio: 1), window(exits: 3, pio: 1)])
    let use = cost.removed(from: window(exits: 101, pio: 100), windows: 1)
    #expect(use.statistics["vcpu.exits"] == 100)
    #expect(use.events[pio]?.value == 99)
  }

  @Test func timesAreNoCountsAndStay() {
    let cost = MarkerCost(emptyWindows: [window(exits: 1, pio: 1)])
    let use = cost.removed(from: window(exits: 1, pio: 0), windows: 1)
    #expect(use.statistics["vcpu.halt_wait_ns"] == 500 && use.events[clock]?.value == 70)
    #expect(use.events[pio]?.value == 0, "never below zero")
  }
}
