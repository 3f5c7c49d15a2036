import CLinux
import Counters
import Definitions
import Glibc
import LinuxSystem
import Probe
import ProbeABI
import Results
import Testing
import Topology

@testable import Machines

@Suite(.serialized) struct SessionProcessTests {
  /// One native leg; native legs need no KVM.
  private func session(
    window: UInt64, _ workload: String = "cpu.integer"
  ) throws -> (Session, SessionContext) {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 1\nwarmup: 1ms\nwindow: \(window)ms\nmemory: 64MiB\nmachines: [native]\nworkloads: [\(workload)]",
      path: "s.yaml")
    let cpus = try CPUAffinity.allowed()
    let topology = try CPUTopology()
    let context = SessionContext(
      suite, try ProbeImage.bundled(), cpus: LegCPUs(workload: cpus[0], io: nil),
      memory: MemoryPlan(pages: .small, node: nil, nodeCount: 1),
      noise: NoiseWatch(legs: [], allowed: cpus, topology: topology), Interruption())
    return (Plan(suite, seed: 1).groups[0].sessions[0], context)
  }

  @Test func aSessionsResultsComeBackWhole() throws {
    let (session, context) = try session(window: 5)
    let outcome = MachineTable.run(session, context)
    let result = try #require(outcome.results[session.legs[0].job])
    #expect(result.figures.operations > 0 && outcome.windows[session.legs[0].job]?.workload ?? 0 > 0)
    #expect(outcome.memory?.residentBytes ?? 0 > 0)
  }

  @Test func aCrowdIsAsManyProcessesAsWereAskedFor() throws {
    let (session, context) = try session(window: 1, "{id: guests.boot, parameters: {guests: 5}}")
    let outcome = MachineTable.run(session, context)
    let crowd = try #require(outcome.crowd, "\(outcome.failure ?? outcome.skipped ?? "")")
    #expect(crowd.times.count == 5 && crowd.times.allSatisfy { $0 > 0 && $0 <= crowd.elapsed })
    let leg = try #require(LegAssembler(context).legs(session, outcome, order: 0, startedAt: 0).first)
    #expect(leg.status == .ok && leg.metrics.map(\.name) == ["guests.rate", "boot.p50", "boot.slowest"])
  }

  @Test(arguments: [SIGKILL, SIGSEGV, SIGBUS])
  func whateverEndsTheProcessIsTheReasonOfItsLegs(signal: Int32) throws {
    let (session, context) = try session(window: 20_000)
    let process = try SessionProcess(session, context)
    while process.stage != .running { usleep(1000) }
    kill(process.pid, signal)
    let outcome = process.finish(by: MonotonicClock.now + 20_000_000_000)
    #expect(
      outcome.failure?.contains("died while its work went on: it was killed by signal \(signal)") == true,
      "\(outcome.failure ?? "")")
    #expect(outcome.results.isEmpty)
  }

  @Test func oneThatDoesNotEndIsKilled() throws {
    let (session, context) = try session(window: 600_000)
    let process = try SessionProcess(session, context, grace: 100_000_000)
    let begin = MonotonicClock.now
    let outcome = process.finish(by: begin + 200_000_000)
    #expect(MonotonicClock.now - begin < 20_000_000_000)
    #expect(outcome.failure?.contains("did not end when it was asked to") == true, "\(outcome.failure ?? "")")
  }

  /// What a process says of itself once it is confined.
  private func confined(_ words: SharedWords, _ body: @escaping () -> Void) throws -> String? {
    let process = try ProcessHandle.fork {
      KickSignal.unblock()
      // A thread that was there before is confined as well. The signal that reaches it ends a pause, and must not end the thread.
      _ = try? PinnedThread(name: "bystander", { while true { pause() } }).detach()
      usleep(20_000)  // It waits by now.
      do throws(SystemError) { try Confinement(words, word: 0).enter() } catch { _exit(3) }
      body()
    }
    let hasEnded = process.wait(until: MonotonicClock.now + 10_000_000_000)
    #expect(hasEnded)
    return process.ending
  }

  @Test func aConfinedProcessHasNoCapabilitiesAndAFilterInEachThread() throws {
    let words = try SharedWords(count: 4)
    _ = CallFilter.program
    let ending = try confined(words) {
      let files = HostFiles()
      for thread in (try? files.entries("/proc/self/task")) ?? [] {
        guard let text = try? files.text("/proc/self/task/\(thread)/status") else { continue }
        words.increment(1)
        if text.contains("CapEff:\t0000000000000000") { words.increment(2) }
        if text.contains("NoNewPrivs:\t1"), text.contains("Seccomp:\t2") { words.increment(3) }
      }
    }
    #expect(ending == "it ended with status 0")
    #expect(words[1] == 2 && words[2] == 2 && words[3] == 2)
  }

  @Test func aCallThatIsNotAdmittedEndsTheProcessAndIsNamed() throws {
    _ = CallFilter.program
    for (name, body) in [
      ("socket", { _ = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }),
      ("execve", { _ = unsafe execve("/bin/true", [nil], [nil]) }),
      ("openat", { _ = try? Descriptor.open("/tmp/nearmetal-never", O_WRONLY | O_CREAT) }),
    ] as [(String, () -> Void)] {
      let words = try SharedWords(count: 1)
      let ending = try confined(words, body)
      #expect(ending == "it ended with status 159", "\(name)")
      #expect(words[0] > 0 && CallFilter.name(Int(words[0]) - 1) == name)
    }
    #expect(!AtomicFile.exists("/tmp/nearmetal-never"))
  }

  @Test func aConfinedProcessEndsAndReapsWhatItStartedBefore() throws {
    let words = try SharedWords(count: 3)
    _ = CallFilter.program
    let process = try ProcessHandle.fork {
      KickSignal.unblock()
      guard let child = try? ChildProcess("/bin/sleep", ["1000"]) else { _exit(2) }
      words[1] = UInt64(child.pid)
      do throws(SystemError) { try Confinement(words, word: 0).enter() } catch { _exit(3) }
      if child.ending == nil { words.increment(2) }
      // Its owner goes here.
    }
    let hasEnded = process.wait(until: MonotonicClock.now + 10_000_000_000)
    let ending = process.ending
    #expect(hasEnded && ending == "it ended with status 0" && words[0] == 0 && words[2] == 1)
    #expect(kill(Int32(words[1]), 0) != 0)
  }

  @Test func whatIsToBeReadMayBeOpened() throws {
    let words = try SharedWords(count: 2)
    let ending = try confined(words) { if (try? AtomicFile.read("/proc/self/statm")) != nil { words.increment(1) } }
    #expect(ending == "it ended with status 0" && words[1] == 1)
  }

  @Test func damagedMailIsNoReport() throws {
    for damage in [
      [0, 0, 0, 0, 255, 255, 255, 255], [9, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 2, 0, 0, 0, 0x7b, 0x7b], [1],
    ]
      as [[UInt8]]
    {
      let mail = try SessionMail()
      mail.writer.raw(damage)
      #expect(mail.read { _ in } == nil)
    }
  }
}
