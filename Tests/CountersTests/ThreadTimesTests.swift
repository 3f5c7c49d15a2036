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
        // The kernel brings the numbers behind /proc up to date at a switch.
        usleep(100)
        let other = try ThreadTimes.of(thread: nm_gettid())
        let after = try ThreadTimes.current()
        #expect((own.cpu...after.cpu).contains(other.cpu))
        #expect((own.minorFaults...after.minorFaults).contains(other.minorFaults))
        #expect(own.voluntarySwitches <= other.voluntarySwitches)
        // Read so, both parts of the split are rounded down to a clock tick.
        #expect(other.user + other.system <= after.cpu / 1000 + 1)
        #expect(other.user + other.system + 20_000 >= own.cpu / 1000)
      } catch {
        Issue.record(error)
      }
    }
    thread.join()
  }

  @Test func aProcessHasTheTimeOfAllItsThreads() throws {
    let before = try ThreadTimes.cpu(ofProcess: getpid())
    let thread = try PinnedThread(name: "worker") {
      do { try Self.work(20_000_000) } catch { Issue.record(error) }
    }
    thread.join()
    #expect(try ThreadTimes.cpu(ofProcess: getpid()) >= before + 20_000_000, "also of one that has ended")
    let child = try ChildProcess("/bin/sh", ["-c", "while :; do :; done"])
    let deadline = MonotonicClock.now + 20_000_000_000
    while try ThreadTimes.cpu(ofProcess: child.pid) < 20_000_000, MonotonicClock.now < deadline { usleep(1000) }
    #expect(try ThreadTimes.cpu(ofProcess: child.pid) >= 20_000_000, "another process's as well")
    #expect(throws: Unavailable.self) { _ = try ThreadTimes.cpu(ofProcess: 1 << 22 + 1) }
  }

  @Test func eachWaitIsAVoluntarySwitch() throws {
    let thread = try PinnedThread(name: "waiter") {
      do {
        let before = try ThreadTimes.current()
        for _ in 0..<5 { usleep(2000) }
        #expect(try ThreadTimes.current().since(before).voluntarySwitches >= 5)
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

  @Test func aThreadReadsTheSameAsPartOfAnotherProcess() throws {
    let thread = try PinnedThread(name: "seen from outside") {
      do {
        try Self.work(5_000_000)
        let before = try ThreadTimes.current()
        usleep(100)
        let outside = try ThreadTimes.of(thread: nm_gettid(), process: getpid())
        #expect(outside.cpu <= (try ThreadTimes.current().cpu))
        #expect(outside.cpu >= before.cpu)
        #expect(try ThreadTimes.all(process: getpid())[nm_gettid()]?.cpu ?? 0 > 0)
      } catch {
        Issue.record(error)
      }
    }
    thread.join()
  }

  @Test func aThreadThatIsGoneIsUnavailable() {
    #expect(throws: Unavailable.self) { try ThreadTimes.of(thread: 0x3fff_fff0) }
  }
}
