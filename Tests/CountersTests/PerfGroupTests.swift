import LinuxSystem
import Testing

@testable import Counters

@Suite(.enabled(if: PerfAccess.isGranted, "needs root or kernel.perf_event_paranoid below 2"))
struct PerfGroupTests {
  @Test func aGroupIsReadAsAWholeInItsOrder() throws {
    let group = try PerfGroup(PerfEventKind.software)
    try group.enable()
    let memory = try Mapping.anonymous(count: 16 * 4096)
    for page in 0..<16 { unsafe memory.base.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self) }
    try group.disable()
    let readings = try group.read()
    #expect(group.kinds == PerfEventKind.software && readings.count == 4)
    #expect(readings[0].value > 0, "the task clock ran")
    #expect(readings[2].value >= 1, "pages were touched")
    #expect(readings.allSatisfy { $0.timeEnabled == readings[0].timeEnabled })
  }

  @Test func anEventThatIsRefusedIsLeftOutAndNamed() throws {
    let nonsense = PerfEventKind("nonsense", type: 1, configuration: 0xffff)
    let group = try PerfGroup([nonsense, .taskClock, nonsense])
    #expect(group.kinds == [.taskClock])
    #expect(group.refused.map(\.kind.name) == ["nonsense", "nonsense"])
    #expect(throws: SystemError.self) { _ = try PerfGroup([nonsense]) }
  }

  @Test func aThreadsCountersAreReadFromAnotherThread() throws {
    let ready = try EventCounter()
    let go = try EventCounter()
    let identifier = Shared()
    let thread = try PinnedThread(name: "counted") {
      identifier.set()
      ready.signal()
      _ = go.take()
    }
    _ = ready.take()
    let counters = OpenCounters(
      [CounterGroup([.contextSwitches]), CounterGroup([.taskClock], on: .vcpus)],
      on: [OpenCounters.Thread("io", id: identifier.value, runsGuest: false)])
    #expect(Set(counters.read().keys) == [OpenCounters.Key(thread: "io", event: "context-switches", side: .both)])
    go.signal()
    thread.join()
    #expect(counters.read().values.allSatisfy { !$0.isMultiplexed })
  }

  @Test func aMultiplexedCountIsScaledAndOneThatNeverRanHasNoValue() {
    #expect(PerfReading(value: 100, timeEnabled: 200, timeRunning: 50).scaled == 400)
    #expect(PerfReading(value: 0, timeEnabled: 200, timeRunning: 0).scaled == nil)
    #expect(PerfReading(value: 7, timeEnabled: 0, timeRunning: 0).scaled == 7)
    let later = PerfReading(value: 9, timeEnabled: 300, timeRunning: 100)
    #expect(
      later.since(PerfReading(value: 4, timeEnabled: 200, timeRunning: 50))
        == PerfReading(value: 5, timeEnabled: 100, timeRunning: 50))
  }
}
