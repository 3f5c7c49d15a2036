/// How the legs of a block take turns.
public struct TurnPlan: Sendable, Hashable {
  /// Nanoseconds of a turn's window.
  public let length: UInt64
  /// Nanoseconds of work before each window that do not count: another leg has just had the caches.
  public let rewarm: UInt64
  /// Turns of each leg.
  public let rounds: Int

  /// Two milliseconds keep the most of a shared host's noise out of a ratio: shorter turns are mostly cold caches, longer ones let
  /// the host change between two of them.
  public static let standardLength: UInt64 = 2_000_000
  /// The shortest and the longest window of a turn that a suite may ask for.
  public static let lengths: ClosedRange<UInt64> = 200_000...1_000_000_000
  /// A native leg has two turns a round, and a job at most 1024.
  private static let rounds = 10...500

  /// Makes as many rounds as fill a leg's window.
  public init(length: UInt64, window: UInt64) {
    self.length = length
    rewarm = length / 4
    rounds = min(Self.rounds.upperBound, max(Self.rounds.lowerBound, Int(clamping: window / max(1, length))))
  }
}
