/// How the legs of a block take turns.
public struct TurnPlan: Sendable, Hashable {
  /// Nanoseconds of a turn's window.
  public let length: UInt64
  /// Nanoseconds of work before each window that do not count: another leg has just had the caches.
  public let rewarm: UInt64
  /// Turns of each leg.
  public private(set) var rounds: Int

  /// As short as an operation and the parking of a leg allow, where the host's tick allows it too: what a shared host does to both
  /// sides of a ratio changes within milliseconds. Requests that go past the page cache, and frames, take some of that by themselves.
  public static func standardLength(_ entry: SuiteEntry) -> UInt64 {
    switch entry.work {
    case .kernel, .exit, .boot, .linux: 500_000
    case .disk(let disk): disk.backing == .direct ? 2_000_000 : 500_000
    case .net: 2_000_000
    }
  }

  /// The shortest window that shows what the host's scheduler tick costs a leg.
  ///
  /// A tick takes more from a guest, which is left for it and entered again, than from a thread of the host. Where one turn in eight
  /// meets one, an estimate that is robust against outliers takes these turns for such, and the cost is gone from the ratio: of
  /// 0.9875 0.9970 is left at 0.5 ms and a tick of 4 ms. Half of the turns are no outliers.
  /// - Parameter tick: nanoseconds from one tick to the next.
  public static func leastLength(tick: UInt64) -> UInt64 { tick / 2 }

  /// The shortest and the longest window of a turn that a suite may ask for.
  public static let lengths: ClosedRange<UInt64> = 200_000...1_000_000_000
  /// Turns of a native leg in a round: one to hold the others against, and one to hold against that. With one other leg they
  /// alternate, and turns of successive rounds are held against each other.
  public static let nativeTurns = 2
  /// A job has at most 1024 turns.
  private static let rounds = 10...500
  /// A number above that of the steps of a group that takes turns.
  public static let mostSteps = 1024

  /// Makes as many rounds as fill a leg's window.
  public init(length: UInt64, window: UInt64) {
    self.length = length
    rewarm = length / 4
    rounds = Self.possible(Int(clamping: window / max(1, length)))
  }

  /// The same with another number of rounds, as near to it as can be.
  public func taking(_ rounds: Int) -> TurnPlan {
    var plan = self
    plan.rounds = Self.possible(rounds)
    return plan
  }

  private static func possible(_ count: Int) -> Int { min(rounds.upperBound, max(rounds.lowerBound, count)) }
}

/// How long the windows of a suite's turns are.
public enum TurnLength: Sendable, Hashable {
  /// There are no turns: legs run one after the other, each in one window.
  case none
  /// As the workload needs it: ``TurnPlan/standardLength(_:)``.
  case standard
  case nanoseconds(UInt64)
}
