import ArgumentParser
import CLinux
import LinuxSystem
import Machines
import Statistics

/// What it costs that each session is a confined process of its own: to start and end it, and in each of its system calls.
struct Sessions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A session's process and its confinement against none of both.")
  /// Milliseconds that a session's process may take.
  private static let bar = 5.0

  @Option(help: "Processes of each kind.")
  var processes = 50
  @Option(help: "System calls of a batch.")
  var calls = 20_000

  func validate() throws {
    guard (5...10_000).contains(processes), (100...10_000_000).contains(calls) else {
      throw ValidationError("expected 5 to 10000 processes, and 100 to 10000000 calls of a batch")
    }
  }

  func run() throws {
    // Made once a program.
    let begin = MonotonicClock.now
    try Confinement.prepare()
    let filter = Double(MonotonicClock.now - begin) / 1e6
    var (bare, confined): ([Double], [Double]) = ([], [])
    var (free, filtered): ([Double], [Double]) = ([], [])
    var random = SeededRandom(seed: 1)
    for _ in 0..<processes {
      for isConfined in random.shuffled([false, true]) {
        let (milliseconds, nanoseconds) = try measure(isConfined)
        if isConfined {
          confined.append(milliseconds)
          filtered.append(nanoseconds)
        } else {
          bare.append(milliseconds)
          free.append(nanoseconds)
        }
      }
    }
    Table.print([
      ["process", "start to end, ms (median)", "a system call, ns (median)"],
      ["forked", Table.number(bare.median, 2), Table.number(free.median)],
      ["and confined", Table.number(confined.median, 2), Table.number(filtered.median)],
    ])
    print("the filter itself: \(Table.number(filter, 2)) ms, once a program")
    print("bar \(Self.bar) ms a session: \(confined.median <= Self.bar ? "kept" : "not kept")")
    let ratio = try PairedLogRatio(mode: filtered, reference: free, higherIsBetter: false)
    print(
      "a system call with the filter, relative speed: \(Table.number(ratio.estimate, 4)) (\(Table.interval(ratio)))")
  }

  /// A process that comes and goes, and one that makes system calls meanwhile.
  private func measure(_ isConfined: Bool) throws -> (milliseconds: Double, nanoseconds: Double) {
    let words = try SharedWords(count: 3)
    func run(_ calls: Int) throws {
      let process = try ProcessHandle.fork {
        KickSignal.unblock()
        if isConfined, (try? Confinement(words, word: 0).enter()) == nil { return }
        words[1] = Self.nanoseconds(of: calls)
      }
      guard process.wait(until: MonotonicClock.now + 10_000_000_000), process.ending == "it ended with status 0" else {
        throw ValidationError("a process did not come to its end: \(process.ending ?? "it still runs")")
      }
    }
    let begin = MonotonicClock.now
    try run(0)
    let time = Double(MonotonicClock.now - begin) / 1e6
    try run(calls)
    return (time, Double(words[1]) / Double(calls))
  }

  private static func nanoseconds(of calls: Int) -> UInt64 {
    let begin = MonotonicClock.now
    for _ in 0..<calls { _ = nm_gettid() }
    return MonotonicClock.now - begin
  }
}
