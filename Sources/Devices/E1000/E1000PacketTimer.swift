/// The timers that put the interrupt of a packet off (§3.2.7.1, §3.4.3): a relative one that each packet starts anew, and an
/// absolute one that the first of them starts. Both count units of 1024 ns.
struct E1000PacketTimer {
  /// 0: no packet waits.
  var relative: UInt32 = 0
  /// 0: there is only the relative one.
  var absolute: UInt32 = 0
  /// When the first and the last packet came whose interrupt is put off; nil where none is.
  private var first: UInt64?
  private var last: UInt64 = 0

  /// Takes note of a packet.
  /// - Returns: whether its interrupt waits.
  mutating func delay(now: UInt64) -> Bool {
    guard relative > 0 else { return false }
    if first == nil { first = now }
    last = now
    return true
  }

  /// When the interrupt is due, on the monotonic clock in nanoseconds; nil where none waits.
  var due: UInt64? {
    guard let first else { return nil }
    let end = last &+ UInt64(relative) * 1024
    return absolute > 0 ? min(end, first &+ UInt64(absolute) * 1024) : end
  }

  /// Takes the interrupt whose time has come, if there is one.
  mutating func expire(now: UInt64) -> Bool {
    guard let due, due <= now else { return false }
    first = nil
    return true
  }

  /// Makes the interrupt that waits unnecessary. Returns whether there was one.
  mutating func flush() -> Bool {
    defer { first = nil }
    return first != nil
  }
}
