import CLinux
import LinuxSystem
import Synchronization
import SystemPackage
import Testing

@Suite struct ThreadTests {
  /// Numbers that a thread leaves behind.
  private final class Slot: Sendable {
    let values = Mutex<[Int]>([])
  }

  @Test func aPinnedThreadRunsOnItsCPUOnly() throws {
    for cpu in try CPUAffinity.allowed() {
      let slot = Slot()
      try PinnedThread(name: "pinned", cpu: cpu) {
        slot.values.withLock { $0 = (try? CPUAffinity.allowed()) ?? [] }
      }.join()
      #expect(slot.values.withLock { $0 } == [cpu])
    }
  }

  @Test func aThreadThatCannotBePinnedIsNotStarted() {
    let slot = Slot()
    let error = #expect(throws: SystemError.self) {
      _ = try PinnedThread(name: "lost", cpu: 1023) { slot.values.withLock { $0 = [1] } }
    }
    #expect(error?.description.contains("CPU 1023") == true)
    #expect(slot.values.withLock { $0 }.isEmpty)
  }

  @Test func pinningToACPUThatIsNotThereIsAnErrorThatNamesIt() {
    let error = #expect(throws: SystemError.self) { try CPUAffinity.pinCurrentThread(to: 1023) }
    #expect(error?.description.contains("CPU 1023") == true)
  }

  @Test func droppingAThreadWaitsForItsEnd() throws {
    let slot = Slot()
    do {
      let thread = try PinnedThread(name: "slow") {
        usleep(20_000)
        slot.values.withLock { $0 = [1] }
      }
      _ = thread
    }
    #expect(slot.values.withLock { $0 } == [1])
  }

  @Test func theKickSignalBreaksABlockingCall() throws {
    KickSignal.install()
    let counter = try EventBox()
    let slot = Slot()
    let thread = try PinnedThread(name: "blocked") {
      var value: UInt64 = 0
      slot.values.withLock { $0.append(0) }
      let count = unsafe read(counter.event.rawValue, &value, 8)
      let code = nm_errno()
      slot.values.withLock { $0.append(count < 0 ? Int(code) : -1) }
    }
    // The signal may come before the call; then it is sent again.
    while slot.values.withLock({ $0.count }) < 2 {
      thread.signal(KickSignal.number)
      usleep(1000)
    }
    thread.join()
    #expect(slot.values.withLock { $0.last } == Int(EINTR))
  }

  private final class EventBox: Sendable {
    let event: EventCounter
    init() throws { event = try EventCounter() }
  }

  @Test func waitingEndsWithASignalOrTheDeadline() throws {
    let counter = try EventCounter()
    let signalled = counter.wait(until: MonotonicClock.now)
    #expect(!signalled)
    let deadline = MonotonicClock.now + 5_000_000
    let signalledInTime = counter.wait(until: deadline)
    #expect(!signalledInTime)
    #expect(MonotonicClock.now >= deadline)
    counter.signal()
    counter.signal()
    let signalledBefore = counter.wait(until: .max)
    #expect(signalledBefore)
    let signalledStill = counter.wait(until: 0)
    #expect(signalledStill)
    let rings = counter.take()
    #expect(rings == 2)
  }

  @Test func theClockAndTheCounterAgreeOnTheirFrequency() {
    let (first, second) = (MonotonicClock.tscFrequency(), MonotonicClock.tscFrequency(milliseconds: 40))
    #expect(first > 100_000)
    #expect(abs(Double(first) / Double(second) - 1) < 0.05)
  }
}
