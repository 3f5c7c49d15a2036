import CLinux
import LinuxSystem
import SystemPackage

/// Host work whose counts are known before it is done, and what perf counts of it. Each runs on a thread of its own.
public enum KnownWork: CaseIterable, Sendable {
  case pageFaults, contextSwitches, migrations, taskClock, instructions, systemCalls

  /// One counter held against one number.
  public struct Outcome: Sendable {
    public let counter: String
    public let work: String
    public let known: UInt64?
    public let counted: UInt64?
    /// Why there are no numbers, or what range the known one stands for.
    public let remark: String?
    /// Whether counted is as good as known.
    public let agrees: Bool
  }

  private static let pages: UInt64 = 256
  private static let sleeps: UInt64 = 64
  private static let moves: UInt64 = 32
  private static let calls: UInt64 = 1000
  private static let rounds: UInt64 = 1_000_000

  /// Does the work and counts it.
  /// - Parameter cpus: CPUs that this process may use.
  public func run(cpus: [Int]) -> Outcome {
    switch self {
    case .pageFaults: touchPages()
    case .contextSwitches: sleep()
    case .migrations: move(cpus)
    case .taskClock: spin()
    case .instructions: executeInstructions()
    case .systemCalls: callSystem()
    }
  }

  /// Counts `body`, which was run once before so that its code and stack are there.
  private func count(_ kind: PerfEventKind, _ body: () -> Void) throws(UnavailableCounter) -> UInt64 {
    let kind = try CounterResolver.check(kind)
    do throws(SystemError) {
      let event = try PerfEvent(kind)
      body()
      let before = try event.read().value
      try event.enable()
      body()
      try event.disable()
      return try event.read().value - before
    } catch { throw UnavailableCounter(kind.name, error.description) }
  }

  private func outcome(
    _ kind: PerfEventKind, _ work: String, known: UInt64, _ body: () -> Void
  ) -> Outcome {
    let kind = (try? CounterResolver.check(kind)) ?? kind
    do throws(UnavailableCounter) {
      let counted = try count(kind, body)
      return Outcome(
        counter: kind.name, work: work, known: known, counted: counted, remark: nil, agrees: counted == known)
    } catch { return missing(kind.name, work, known, error) }
  }

  private func missing(_ name: String, _ work: String, _ known: UInt64?, _ error: UnavailableCounter) -> Outcome {
    Outcome(counter: name, work: work, known: known, counted: nil, remark: error.reason, agrees: false)
  }

  private func touchPages() -> Outcome {
    let work = "first touch of \(Self.pages) pages"
    let size = 4096 * Int(Self.pages)
    guard let memory = try? Mapping.anonymous(count: size), (try? memory.advise(MADV_NOHUGEPAGE)) != nil else {
      return missing(
        PerfEventKind.pageFaults.name, work, Self.pages, UnavailableCounter("memory", "memory cannot be mapped"))
    }
    return outcome(.pageFaults, work, known: Self.pages) {
      // Given back first, so that each touch is a first one again.
      try? memory.advise(MADV_DONTNEED)
      for page in 0..<Int(Self.pages) {
        unsafe memory.base.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self)
      }
    }
  }

  private func sleep() -> Outcome {
    var (given, taken) = (Self.sleeps, UInt64(0))
    let result = outcome(.contextSwitches, "\(Self.sleeps) sleeps", known: Self.sleeps) {
      let before = try? ThreadTimes.current()
      for _ in 0..<Self.sleeps { usleep(1) }
      guard let before, let after = try? ThreadTimes.current() else { return }
      let times = after.since(before)
      (given, taken) = (times.voluntarySwitches, times.involuntarySwitches)
    }
    // On a slow host a sleep is over before the thread has given its CPU away, and another thread that wants the CPU takes it:
    // the kernel tells how often each was, by a count that perf has no part in.
    let known = given + taken
    return Outcome(
      counter: result.counter,
      work: given == Self.sleeps && taken == 0
        ? result.work : "\(result.work): the CPU was given away \(given) times and taken \(taken) times",
      known: known, counted: result.counted, remark: result.remark, agrees: result.counted == known)
  }

  private func move(_ cpus: [Int]) -> Outcome {
    let work = "\(Self.moves) moves between two CPUs"
    guard cpus.count >= 2 else {
      return missing(
        PerfEventKind.migrations.name, work, Self.moves,
        UnavailableCounter("migrations", "this process may use one CPU only"))
    }
    return outcome(.migrations, work, known: Self.moves) {
      for index in 0..<Int(Self.moves) { try? CPUAffinity.pinCurrentThread(to: cpus[(index + 1) % 2]) }
    }
  }

  /// The task clock is a time: it must lie between the thread's own clock read inside and outside, which is another clock of the
  /// kernel: time that a hypervisor below takes is in perf's and not in the thread's, which has been seen to set them 4 % apart
  /// within a millisecond. Such a one is tried again: what counts wrongly does so each time.
  private func spin() -> Outcome {
    var outcome = spinOnce()
    for _ in 1..<Self.spins where !outcome.agrees && outcome.counted != nil { outcome = spinOnce() }
    return outcome
  }

  private static let spins = 5

  private func spinOnce() -> Outcome {
    let (name, work) = (
      PerfEventKind.taskClock.name, "a millisecond of CPU time, between two readings of the thread's clock"
    )
    do throws(UnavailableCounter) {
      let kind = try CounterResolver.check(.taskClock)
      do {
        let event = try PerfEvent(kind)
        let outer = try ThreadTimes.current().cpu
        try event.enable()
        let inner = try ThreadTimes.current().cpu
        while try ThreadTimes.current().cpu - inner < 1_000_000 {}
        let least = try ThreadTimes.current().cpu - inner
        try event.disable()
        let most = try ThreadTimes.current().cpu - outer
        let counted = try event.read().value
        return Outcome(
          counter: name, work: work, known: least, counted: counted,
          remark: "the clock allows \(least) to \(most) ns, each 1 % off",
          agrees: counted >= least - least / 100 && counted <= most + most / 100)
      } catch { throw UnavailableCounter(name, "\(error)") }
    } catch { return missing(name, work, nil, error) }
  }

  /// Twice as many rounds less half of them: what enabling and disabling themselves retire is no part of it.
  private func executeInstructions() -> Outcome {
    let (name, work, known) = ("instructions", "\(2 * Self.rounds) instructions in a loop", 2 * Self.rounds)
    do throws(UnavailableCounter) {
      let user = PerfEventKind.instructions.userOnly
      let few = try count(user) { nm_known_instructions(Self.rounds) }
      let many = try count(user) { nm_known_instructions(2 * Self.rounds) }
      let counted = many &- few
      return Outcome(
        counter: name, work: work, known: known, counted: counted, remark: nil, agrees: counted == known)
    } catch { return missing(name, work, known, error) }
  }

  private func callSystem() -> Outcome {
    let (name, work) = ("syscalls:sys_enter_getppid", "\(Self.calls) system calls")
    var resolver = CounterResolver()
    do throws(UnavailableCounter) {
      let kind = try resolver.openable(name)
      return outcome(kind, work, known: Self.calls) { nm_known_system_calls(Self.calls) }
    } catch { return missing(name, work, Self.calls, error) }
  }
}
