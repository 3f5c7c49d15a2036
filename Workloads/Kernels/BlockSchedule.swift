/// When the requests of an open loop are due: at a fixed rate, exact over any time.
struct BlockSchedule: BitwiseCopyable {
  private let rate: UInt64
  private let remainder: UInt64
  private var error: UInt64 = 0
  /// Ticks from one request to the next, rounded down.
  let interval: UInt64
  /// TSC at which the next request is due.
  private(set) var due: UInt64 = 0

  /// - Parameters:
  ///   - rate: requests a second, 1 or more.
  ///   - tscKilohertz: at most 2^32.
  init(rate: UInt64, tscKilohertz: UInt64) {
    self.rate = rate
    interval = tscKilohertz * 1000 / rate
    remainder = tscKilohertz * 1000 % rate
  }

  /// The first request is due at `tsc`.
  mutating func begin(at tsc: UInt64) {
    due = tsc
    error = 0
  }

  /// Goes on to the next request.
  @inline(__always)
  mutating func advance() {
    due &+= interval
    error &+= remainder
    if error >= rate {
      error &-= rate
      due &+= 1
    }
  }
}
