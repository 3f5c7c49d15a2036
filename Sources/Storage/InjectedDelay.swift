import LinuxSystem

/// A delay of known size that a calibration adds to every request of a disk, to see whether the slowdown is noticed. The
/// engine's thread waits on the TSC before it works on the request.
///
/// Reading the clock is no part of it: what is compared with a delayed disk has a delay by nothing.
public struct InjectedDelay: Sendable, Hashable {
  /// How long a request waits.
  public enum Amount: Sendable, Hashable {
    /// The same for each, in TSC ticks.
    case ticks(UInt64)
    /// So many millionths of the time from the end of the wait before it: of what an operation takes without the delay. A loop
    /// that keeps the same number of requests in flight then has its throughput lowered by that share, wherever the engine's
    /// thread is what limits it.
    case share(millionths: UInt64)
  }

  private let amount: Amount
  private let longest: Int64
  /// When the request before this one came, or its wait ended; nil where a pause lies between them.
  private var lastEnd: UInt64?
  /// Ticks that requests were to wait and did not yet. Reading the time-stamp counter takes a good part of a short wait, so that
  /// one is longer than it should be and the next one is shorter for it: on average they are what they should be.
  private var owed: Int64 = 0

  /// Ticks of some decades: sums of a few of them still are numbers.
  private static let mostTicks: UInt64 = 1 << 60

  /// - Parameters:
  ///   - amount: how long each request waits.
  ///   - longest: TSC ticks that no request waits longer than, whatever the amount.
  public init(_ amount: Amount, longest: UInt64) {
    self.amount = amount
    self.longest = Int64(min(longest, Self.mostTicks))
  }

  /// Nothing comes for a while: the time to the next request is none of a request's.
  mutating func rest() { lastEnd = nil }

  /// Waits for one request. Called by the engine's thread.
  @inline(never)
  mutating func wait() {
    let start = BusyWait.orderedNow
    let ticks =
      switch amount {
      case .ticks(let ticks): ticks
      case .share(let millionths): Self.share(millionths, of: lastEnd.map { start &- $0 } ?? 0)
      }
    // A request waits no longer than the longest wait, and none is spared for more than that.
    owed = max(-longest, min(longest, owed + Int64(min(ticks, Self.mostTicks))))
    guard owed > 0 else {
      lastEnd = start
      return
    }
    let end = BusyWait.ticks(UInt64(owed), since: start)
    owed -= Int64(clamping: end &- start)
    lastEnd = end
  }

  private static func share(_ millionths: UInt64, of ticks: UInt64) -> UInt64 {
    let (high, low) = ticks.multipliedFullWidth(by: millionths)
    return high < 1_000_000 ? UInt64(1_000_000).dividingFullWidth((high, low)).quotient : .max
  }
}
