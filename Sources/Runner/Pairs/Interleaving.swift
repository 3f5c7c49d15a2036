import CLinux
import Definitions
import LinuxSystem
import Machines
import Results
import Statistics
import SystemPackage
import Verdicts

/// Two builds of the program measured in one go, so that whatever drifts meets both alike.
///
/// Each block of each build is a process of its own, `PROGRAM run SUITE --blocks 1 --seed S`, with the same seed for both
/// builds of a block: the same legs in the same order on the same data. Both processes of a block live at the same time and go
/// on by turns, a round of the one and the same round of the other, the first of two rounds second in the next (see `Pacer`).
/// A build that knows no pacing is measured block by block instead, the builds in random order. What comes out are two results,
/// as if each build had run alone, whose blocks form pairs.
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

  /// One of the two builds.
  public enum Side: String, CaseIterable, Sendable {
    case base, head
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// With the blocks that both builds measured.
    public let base: RunResult
    public let head: RunResult
    /// The build that ended it early; nil where all blocks were measured, or the user asked to stop.
    public let failure: (side: Side, reason: String)?

    public init(base: RunResult, head: RunResult, failure: (side: Side, reason: String)? = nil) {
      self.base = base
      self.head = head
      self.failure = failure
    }
  }

  let options: Options
  let interruption: Interruption
  private let suite: Suite
  /// Nanoseconds that a block may take: many times its windows.
  let patience: UInt64

  /// Checks what can be checked before anything is measured.
  public init(_ options: Options, _ interruption: Interruption) throws(DefinitionError) {
    self.options = options
    self.interruption = interruption
    var suite = try SuiteReader.read(options.suite)
    suite.blocks = 1
    suite.extend = 0
    self.suite = suite
    let legs = UInt64(Plan(suite, seed: options.seed).legCount(blocks: 1))
    patience = 120_000_000_000 + legs * (10_000_000_000 + 10 * (suite.warmup + suite.longestWindow))
  }

  /// The builds that know no pacing, by whose fault the blocks are measured one after the other.
  public func unpaced() -> [Side] { Side.allCases.filter { !knowsPacing(program($0)) } }

  /// Runs every block of both builds. An interruption ends it early with the pairs that are complete, and so does a build that leaves
  /// no result.
  /// - Throws: where there is no pair.
  public func run(_ progress: Progress) throws(InterleavingError) -> Outcome {
    let isPaced = unpaced().isEmpty
    let start = MonotonicClock.now
    var random = SeededRandom(seed: options.seed)
    var merged: [Side: MergedRun] = [:]
    var failure: (side: Side, reason: String)?
    let now = WallClock.now
    let name = "\(now.compact)-\(String(options.seed, radix: 16))"
    // Who paces has the host for itself; builds that know no pacing take it for each of their blocks.
    let lock = isPaced ? try takeHost() : nil
    for block in 0..<options.blocks where !interruption.isRequested && failure == nil {
      let seed = random.next() >> 1
      let order = random.shuffled(Side.allCases)
      let began = Double(MonotonicClock.now - start) / 1e9
      let pair: [Side: RunResult]
      do throws(SideFailure) {
        pair =
          isPaced
          ? try measureBoth(
            order, block: block, seed: seed,
            onStart: { side in
              progress.report(step(2 * block, began, "block \(block) of both, \(side.rawValue) first"))
            })
          : try measureEach(order, block: block, seed: seed) { side, done in
            let elapsed = Double(MonotonicClock.now - start) / 1e9
            progress.report(step(2 * block + done, elapsed, "block \(block) of the \(side.rawValue)"))
          }
      } catch {
        if case .host(let reason) = error { throw .host(reason) }
        if case .program(let side, let reason) = error { failure = (side, "block \(block): \(reason)") }
        break
      }
      guard !interruption.isRequested, let base = pair[.base], let head = pair[.head] else { break }
      for (side, result) in [(Side.base, base), (.head, head)] {
        let startedAt = Double(MonotonicClock.now - start) / 1e9
        merged[side, default: MergedRun(first: result)].append(result, block: block, startedAt: startedAt)
      }
    }
    _ = consume lock
    guard let base = merged[.base], let head = merged[.head] else {
      if let failure { throw .program(failure.side, path: program(failure.side), reason: failure.reason) }
      throw .interrupted
    }
    func finish(_ run: MergedRun, _ side: Side) -> RunResult {
      var result = run.result
      result.run.id = "\(name)-\(side.rawValue)"
      result.run.interleaving = name
      // Both builds run the blocks that were asked for, whatever the suite declares.
      result.run.extension = nil
      result.run.seed = Seed(options.seed)
      result.run.blocks = failure == nil ? options.blocks : run.blocks
      result.run.interrupted = interruption.isRequested
      result.run.command = command(side, seed: options.seed, blocks: options.blocks)
      result.conclude(claims: options.claims)
      return result
    }
    return Outcome(base: finish(base, .base), head: finish(head, .head), failure: failure)
  }

  private func program(_ side: Side) -> String { side == .base ? options.base : options.head }

  func command(_ side: Side, seed: UInt64, blocks: Int) -> [String] {
    [program(side), "run", options.suite, "--blocks", "\(blocks)", "--seed", "\(seed)"] + options.arguments
  }

  private func step(_ done: Int, _ elapsed: Double, _ next: String) -> Progress.Step {
    let legs = Plan(suite, seed: options.seed).legCount(blocks: 1)
    let total = 2 * options.blocks
    let remaining = done == 0 ? nil : elapsed / Double(done) * Double(total - done)
    return Progress.Step(
      done: done * legs, total: total * legs, elapsed: elapsed, remaining: remaining, next: next)
  }

  /// Why a block has no pair.
  enum SideFailure: Error {
    case program(Side, String)
    /// Another run holds the host.
    case host(String)
  }

  func folder(_ block: Int, _ side: Side) -> String { "\(options.scratch)/\(block)-\(side.rawValue)" }

  func read(_ side: Side, block: Int, complaint: String) throws(SideFailure) -> RunResult {
    let folder = folder(block, side)
    do throws(DocumentReadError) { return try ResultStore.read(folder) } catch {
      let reason = AtomicFile.exists("\(folder)/\(ResultStore.fileName)") ? error.description : complaint
      throw .program(side, reason.isEmpty ? "it left no result" : reason)
    }
  }

  // MARK: By turns

  /// One block of both builds, a step of the one after a step of the other.
  /// - Returns: no result where the user asked to stop.
  private func measureBoth(
    _ order: [Side], block: Int, seed: UInt64, onStart: (Side) -> Void
  ) throws(SideFailure) -> [Side: RunResult] {
    onStart(order[0])
    var children: [Side: PacedChild] = [:]
    for side in order {
      let words = command(side, seed: seed, blocks: 1) + ["--output", folder(block, side)]
      do throws(SystemError) { children[side] = try PacedChild(words, side: side == .base ? 0 : 1) } catch {
        throw .program(side, error.description)
      }
      try awaitStop(children[side], side)
      guard children[side]?.next != nil || interruption.isRequested else {
        throw .program(side, children[side]?.complaint ?? "")
      }
    }
    let pids = children.values.map(\.pid)
    let registration = interruption.whileRunning { for pid in pids { kill(pid, SIGINT) } }
    defer { registration.end() }
    var last = order[1]
    while let (side, child) = next(children, after: last) {
      child.letGo()
      try awaitStop(child, side)
      last = side
    }
    if interruption.isRequested { return [:] }
    var pair: [Side: RunResult] = [:]
    for side in order { pair[side] = try read(side, block: block, complaint: children[side]?.complaint ?? "") }
    return pair
  }

  private func awaitStop(_ child: PacedChild?, _ side: Side) throws(SideFailure) {
    // One that the user stops still tidies up.
    guard child?.awaitStop(until: MonotonicClock.now + patience) != .late else {
      throw .program(side, "it did not end a step within \(patience / 1_000_000_000) s and was stopped")
    }
  }

  /// The run that is behind; of two at the same step the one that went on last, so that the first of two steps is the second of the
  /// next two.
  private func next(_ children: [Side: PacedChild], after last: Side) -> (Side, PacedChild)? {
    let waiting = children.filter { $0.value.next != nil }
    guard let least = waiting.compactMap(\.value.next).min() else { return nil }
    let behind = waiting.filter { $0.value.next == least }
    return behind.first { $0.key == last }.map { ($0.key, $0.value) } ?? behind.first.map { ($0.key, $0.value) }
  }

  /// Whether a build has the option by which it is paced.
  private func knowsPacing(_ program: String) -> Bool {
    guard let child = try? ChildProcess(program, ["run", "--help"], isApart: true) else { return true }
    var text: [UInt8] = []
    _ = unsafe child.drain(until: MonotonicClock.now + 10_000_000_000) { unsafe text.append(contentsOf: $0) }
    return String(decoding: text, as: UTF8.self).contains("--paced-by")
  }

  private func takeHost() throws(InterleavingError) -> HostLock {
    do throws(HostLockError) { return try HostLock() } catch { throw .host(error.description) }
  }
}
