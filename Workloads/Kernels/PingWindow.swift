/// How many pings may be on their way at once. Those that were lost give their places back: after a silence, all
/// that is on its way gives its place back.
struct PingWindow: BitwiseCopyable {
  private let credit: UInt64
  /// Ticks without an answer that are a silence.
  private let silence: UInt64
  private var forgiven: UInt64 = 0
  private var since: UInt64

  init(credit: UInt64, silence: UInt64, now: UInt64) {
    self.credit = credit
    self.silence = silence
    since = now
  }

  /// Whether another ping may be sent.
  /// - Parameters:
  ///   - number: of the next ping.
  ///   - answered: all below it came back or were passed over.
  @inline(__always)
  func hasRoom(_ number: UInt64, _ answered: UInt64) -> Bool { number &- max(answered, forgiven) < credit }

  /// Whether there has been a silence since the last answer, or since it was last forgiven.
  @inline(__always)
  func isSilent(_ now: UInt64, _ lastProgress: UInt64) -> Bool {
    let last = max(since, lastProgress)
    return now > last && now &- last > silence
  }

  /// Expects nothing more of the pings below `number`.
  mutating func forgive(below number: UInt64, now: UInt64) {
    forgiven = number
    since = now
  }
}
