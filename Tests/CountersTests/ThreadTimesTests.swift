import CLinux
import Counters
import LinuxSystem
import Synchronization
import Testing
import Topology

@Suite struct ThreadTimesTests {
  /// Works until the thread has used this many nanoseconds of CPU time.
  private static func work(_ nanoseconds: UInt64) throws {
    let start = try ThreadTimes.current()
    while try ThreadTimes.current().since(start).cpu < nanoseconds {}
  }

  @Test func bothWaysToReadAThreadAgree() throws {
    let thread = try PinnedThread(name: "thread (times) x") {
      do {
        try Self.work(20_000_000)
        let own = try ThreadTimes.current()
        let other = try ThreadTimes.of(thread: nm_gettid())
        let after = try ThreadTimes.current()
        #expect((own.cpu...after.cpu).contains(other.cpu))
        #expect((own.minorFaults...after.minorFaults).contains(other.minorFaults))
        #expect(own.voluntarySwitches <= other.voluntarySwitches)
        // Read for another thread the split has steps of a clock tick.
        #expect(other.user + other.system <= after.cpu / 1000 + 1)
        #expect(other.user + other.system + 20_000 >= own.cpu / 1000)
      } catch {
        Issue.record(error)
      }
    }
    thread.join()
  }

  @Test func waitingIsAVoluntarySwitchAndCostsNoCPUTime() throws {
    let thread = try PinnedThread(name: "waiter") {
      do {
        let before = try ThreadTimes.current()
        for _ in 0..<5 { usleep(2000) }
        let used = try ThreadTimes.current().since(before)
        #expect(used.voluntarySwitches >= 5)
        #expect(used.cpu < 10_000_000)
      } catch {
        Issue.record(error)
      }
    }
    thread.join()
  }

  @Test func anotherThreadIsReadFromOutside() throws {
    let ready = try EventCounter()
    let leave = try EventCounter()
    let (readyNumber, leaveNumber) = (ready.rawValue, leave.rawValue)
    let id = SharedID()
    let thread = try PinnedThread(name: "reader") {
      id.value.store(nm_gettid(), ordering: .releasing)
      var one: UInt64 = 1
      _ = unsafe write(readyNumber, &one, 8)
      _ = unsafe read(leaveNumber, &one, 8)
    }
    _ = ready.take()
    defer {
      leave.signal()
      thread.join()
    }
    let before = try ThreadTimes.of(thread: id.value.load(ordering: .acquiring))
    #expect(before.cpu > 0)
    let after = try ThreadTimes.of(thread: id.value.load(ordering: .acquiring))
    #expect(after.voluntarySwitches - before.voluntarySwitches <= 1)
  }

  private final class SharedID: Sendable {
    let value = Atomic<Int32>(0)
  }

  @Test func aThreadThatIsGoneIsUnavailable() {
    #expect(throws: Unavailable.self) { try ThreadTimes.of(thread: 0x3fff_fff0) }
  }
}
