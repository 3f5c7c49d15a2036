import LinuxSystem
import Synchronization
import Testing

@Suite struct InterruptionTests {
  private final class Count: Sendable {
    let value = Atomic(0)
    func increment() { value.add(1, ordering: .relaxed) }
    var now: Int { value.load(ordering: .relaxed) }
  }

  @Test func aRequestStopsWhatRuns() {
    let (interruption, count) = (Interruption(), Count())
    let registration = interruption.whileRunning { count.increment() }
    #expect(!interruption.isRequested && count.now == 0)
    interruption.request()
    #expect(interruption.isRequested && count.now == 1)
    registration.end()
  }

  @Test func aRequestThatCameBeforeStopsAtOnce() {
    let (interruption, count) = (Interruption(), Count())
    interruption.request()
    interruption.whileRunning { count.increment() }.end()
    #expect(count.now == 1)
  }

  @Test func whatHasEndedIsNotStopped() {
    let (interruption, count) = (Interruption(), Count())
    interruption.whileRunning { count.increment() }.end()
    interruption.request()
    #expect(interruption.isRequested && count.now == 0)
  }
}
