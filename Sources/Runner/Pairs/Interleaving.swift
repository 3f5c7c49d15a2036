import CLinux
import Definitions
import LinuxSystem
import Results
import Statistics
import SystemPackage
import Verdicts

/// Two builds of the program measured in one go, block by block in random order, so that whatever drifts meets both alike.
///
/// Each block of each build is a process of its own, `PROGRAM run SUITE --blocks 1 --seed S`, with the same seed for both
/// builds of a block: the same legs in the same order on the same data. Any build that knows these options can take part. What
/// comes out are two results, as if each build had run alone, whose blocks form pairs.
public struct Interleaving: Sendable {
  /// What the caller decides.
  public struct Options: Sendable {
    /// The programs.
    public var base: String
    public var head: String
    /// Path of the suite's file, so that both builds run the same suite whatever they call by its name.
    public var suite: String
    /// Blocks of each build, at least 1.
    public var blocks: Int
    public var seed: UInt64
    /// Options of `run` that both are given besides.
    public var arguments: [String]
    /// Folder for the blocks' results; must be there.
    public var scratch: String
    /// Claims that both results are held against.
    public var claims: [Claim]

    public init(
      base: String, head: String, suite: String, blocks: Int, seed: UInt64, arguments: [String], scratch: String,
      claims: [Claim]
    ) {
      self.base = base
      self.head = head
      self.suite = suite
      self.blocks = blocks
      self.seed = seed
      self.arguments = arguments
      self.scratch = scratch
      self.claims = claims
    }
  }

  private enum Side: String, CaseIterable {
    case base, head
  }

  private let options: Options
  private let interruption: Interruption
  private let suite: Suite
  /// Nanoseconds that a block may take: many times its windows.
  private let patience: UInt64

  /// Checks what can be checked before anything is measured.
  public init(_ options: Options, _ interruption: Interruption) throws(DefinitionError) {
    self.options = options
    self.interruption = interruption
    var suite = try SuiteReader.read(options.suite)
    suite.blocks = 1
    suite.extend = 0
    self.suite = suite
    let legs = UInt64(Plan(suite, seed: options.seed).legCount(blocks: 1))
    patience = 120_000_000_000 + legs * (10_000_000_000 + 10 * (suite.warmup + suite.window))
  }

  /// Runs every block of both builds. An interruption ends it early with the pairs that are complete.
  public func run(_ progress: Progress) throws(InterleavingError) -> (base: RunResult, head: RunResult) {
    let start = MonotonicClock.now
    var random = SeededRandom(seed: options.seed)
    var merged: [Side: MergedRun] = [:]
    let now = WallClock.now
    let name = "\(now.compact)-\(String(options.seed, radix: 16))"
    for block in 0..<options.blocks {
      let seed = random.next() >> 1
      var pair: [Side: RunResult] = [:]
      for side in random.shuffled(Side.allCases) where !interruption.isRequested {
        let elapsed = Double(MonotonicClock.now - start) / 1e9
        progress.report(step(2 * block + pair.count, elapsed, "block \(block) of the \(side.rawValue)"))
        pair[side] = try measureAlone(side, block: block, seed: seed, isFirst: block == 0 && pair.isEmpty)
      }
      guard !interruption.isRequested, let base = pair[.base], let head = pair[.head] else { break }
      for (side, result) in [(Side.base, base), (.head, head)] {
        let startedAt = Double(MonotonicClock.now - start) / 1e9
        merged[side, default: MergedRun(first: result)].append(result, block: block, startedAt: startedAt)
      }
    }
    guard let base = merged[.base], let head = merged[.head] else { throw .interrupted }
    func finish(_ run: MergedRun, _ side: Side) -> RunResult {
      var result = run.result
      result.run.id = "\(name)-\(side.rawValue)"
      result.run.interleaving = name
      // Both builds run the blocks that were asked for, whatever the suite declares.
      result.run.extension = nil
      result.run.seed = Seed(options.seed)
      result.run.blocks = options.blocks
      result.run.interrupted = interruption.isRequested
      result.run.command = command(side, seed: options.seed, blocks: options.blocks)
      result.conclude(claims: options.claims)
      return result
    }
    return (finish(base, .base), finish(head, .head))
  }

  private func command(_ side: Side, seed: UInt64, blocks: Int) -> [String] {
    let program = side == .base ? options.base : options.head
    return [program, "run", options.suite, "--blocks", "\(blocks)", "--seed", "\(seed)"] + options.arguments
  }

  private func step(_ done: Int, _ elapsed: Double, _ next: String) -> Progress.Step {
    let legs = Plan(suite, seed: options.seed).legCount(blocks: 1)
    let total = 2 * options.blocks
    let remaining = done == 0 ? nil : elapsed / Double(done) * Double(total - done)
    return Progress.Step(
      done: done * legs, total: total * legs, elapsed: elapsed, remaining: remaining, next: next)
  }

  /// One block of one build, once no other run holds the host. Before the first block it is said at once that one does; a run
  /// that came in between two blocks is waited for, since the pairs so far are worth more than that time.
  private func measureAlone(
    _ side: Side, block: Int, seed: UInt64, isFirst: Bool
  ) throws(InterleavingError) -> RunResult? {
    let deadline = MonotonicClock.now + patience
    while true {
      try awaitHost(isFirst: isFirst, until: deadline)
      do throws(InterleavingError) { return try measure(side, block: block, seed: seed) } catch {
        // Another run may have taken the host just before the block's process could.
        guard !isFirst, MonotonicClock.now < deadline, Self.isHostHeld else { throw error }
      }
    }
  }

  private static var isHostHeld: Bool {
    do throws(HostLockError) {
      _ = try HostLock()
      return false
    } catch {
      guard case .held = error else { return false }
      return true
    }
  }

  private func awaitHost(isFirst: Bool, until deadline: UInt64) throws(InterleavingError) {
    while !interruption.isRequested {
      do throws(HostLockError) {
        // The block's own process takes it.
        _ = try HostLock()
        return
      } catch {
        guard case .held = error, !isFirst, MonotonicClock.now < deadline else { throw .host(error.description) }
      }
      usleep(200_000)
    }
  }

  /// One block of one build. Its result counts whatever the process's status: a leg that failed is in it with its reason.
  private func measure(_ side: Side, block: Int, seed: UInt64) throws(InterleavingError) -> RunResult? {
    let folder = "\(options.scratch)/\(block)-\(side.rawValue)"
    let words = command(side, seed: seed, blocks: 1) + ["--output", folder]
    let complaint: String
    do throws(SystemError) {
      // The user's Ctrl-C reaches it once, through the interruption: a second one would end it before it has tidied up.
      let child = try ChildProcess(words[0], Array(words.dropFirst()), isApart: true)
      let pid = child.pid
      let registration = interruption.whileRunning { kill(pid, SIGINT) }
      defer { registration.end() }
      // An interrupted child keeps what it has and ends by itself.
      let ended = unsafe child.drain(until: MonotonicClock.now + patience) { _ in }
      complaint = ended ? child.complaint() : "it did not end within \(patience / 1_000_000_000) s"
    } catch {
      throw .program(path: words[0], reason: error.description)
    }
    if interruption.isRequested { return nil }
    do throws(ResultReadError) { return try ResultStore.read(folder) } catch {
      let reason = AtomicFile.exists("\(folder)/\(ResultStore.fileName)") ? error.description : complaint
      throw .program(path: words[0], reason: reason.isEmpty ? "it left no result" : reason)
    }
  }
}

/// Blocks of one build put together.
private struct MergedRun {
  private(set) var result: RunResult

  init(first: RunResult) {
    result = first
    result.legs = []
  }

  mutating func append(_ part: RunResult, block: Int, startedAt: Double) {
    let length = part.legs.last?.startedAt ?? 0
    for leg in part.legs {
      var leg = leg
      leg.block = block
      // A leg's name begins with its block.
      leg.id = "\(block)-\(leg.id.drop { $0 != "-" }.dropFirst())"
      leg.startedAt += max(0, startedAt - length)
      result.legs.append(leg)
    }
  }
}

/// Why two builds could not be measured together, in one line.
public enum InterleavingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A program could not be started, or left no result.
  case program(path: String, reason: String)
  /// Another run holds the host.
  case host(String)
  /// The user asked to stop before a pair of blocks was complete.
  case interrupted

  public var description: String {
    switch self {
    case .program(let path, let reason): "\(path): \(reason)"
    case .host(let reason): reason
    case .interrupted: "interrupted before a pair of blocks was complete: nothing was kept"
    }
  }
}
