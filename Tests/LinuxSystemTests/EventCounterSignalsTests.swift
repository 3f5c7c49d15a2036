import Glibc
import LinuxSystem
import Testing

@Suite("EventCounterSignals")
struct EventCounterSignalsTests {
  @Test func theSignalsOfAnEventfdAreSeenWithoutBeingTaken() throws {
    let event = try EventCounter(nonBlocking: true)
    #expect(EventCounter.signals(of: event.rawValue) == 0)
    for _ in 0..<17 { event.signal() }
    #expect(EventCounter.signals(of: event.rawValue) == 17)
    #expect(event.take() == 17)
    #expect(EventCounter.signals(of: event.rawValue) == 0)
  }

  @Test func whatIsNoEventfdHasNone() throws {
    #expect(EventCounter.signals(of: -1) == nil)
    #expect(EventCounter.signals(of: STDIN_FILENO) == nil)
  }
}
