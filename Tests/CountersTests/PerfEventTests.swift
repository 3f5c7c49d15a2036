import CLinux
import Counters
import LinuxSystem
import Testing

@Suite(.enabled(if: PerfAccess.isGranted, "needs root or kernel.perf_event_paranoid below 2"))
struct PerfEventTests {
  /// Runs on one thread, so that events of the calling thread see all of it.
  private func onAThread(_ body: @escaping @Sendable () -> Void) throws {
    try PinnedThread(name: "perf-test", body).join()
  }

  @Test func pageFaultsOfFreshMemoryAreCounted() throws {
    let event = try PerfEvent(.pageFaults)
    let memory = try Mapping.anonymous(count: 64 * 4096)
    try memory.advise(MADV_NOHUGEPAGE)
    try event.enable()
    for page in 0..<64 { unsafe memory.base.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self) }
    try event.disable()
    #expect(try event.read().value >= 64)
  }

  @Test func nothingIsCountedBeforeItIsEnabledAndAfterItIsDisabled() throws {
    let event = try PerfEvent(.taskClock)
    #expect(try event.read() == PerfReading(value: 0, timeEnabled: 0, timeRunning: 0))
    try event.enable()
    try event.disable()
    let reading = try event.read()
    #expect(reading.value > 0 && !reading.isMultiplexed)
    #expect(try event.read() == reading)
  }

  @Test func aResetClearsTheCount() throws {
    let event = try PerfEvent(.taskClock)
    try event.enable()
    try event.disable()
    try event.reset()
    #expect(try event.read().value == 0)
  }

  @Test func aThreadThatSleepsIsSwitched() throws {
    try onAThread {
      do {
        let event = try PerfEvent(.contextSwitches)
        try event.enable()
        usleep(1000)
        try event.disable()
        #expect(try event.read().value >= 1)
      } catch {
        Issue.record(error)
      }
    }
  }

  @Test func everySoftwareEventOpens() throws {
    for kind in PerfEventKind.software { _ = try PerfEvent(kind).read() }
  }

  @Test func countingAnotherThreadThatIsGoneFailsWithItsName() {
    #expect { _ = try PerfEvent(.taskClock, thread: 0x3fff_fff0) } throws: { "\($0)".contains("task-clock") }
  }

  @Test func aCounterThatRanPartOfTheTimeSaysSo() {
    #expect(PerfReading(value: 1, timeEnabled: 100, timeRunning: 50).isMultiplexed)
    #expect(!PerfReading(value: 1, timeEnabled: 100, timeRunning: 100).isMultiplexed)
  }
}
