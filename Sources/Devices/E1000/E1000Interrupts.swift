/// Causes, mask and throttling of the controller's interrupt (§3.2.7, §13.4.17 to §13.4.21).
///
/// The line is a level in PCI. Whoever carries it sees its rising edges: one each time that a cause which the driver wants appears
/// while there was none.
struct E1000Interrupts {
  private(set) var causes: UInt32 = 0
  private(set) var mask: UInt32 = 0
  /// Least time between interrupts in units of 256 ns; 0 for no throttling.
  private(set) var interval: UInt32 = 0
  /// Whether the line is high.
  private(set) var isRaised = false
  /// When the line rose last, and whether a rise waits for the interval to pass.
  private var lastRise: UInt64 = 0
  private(set) var isDelayed = false
  /// Rises so far.
  private(set) var count: UInt64
  /// What puts off the interrupts of received and of sent packets.
  var receiveTimer = E1000PacketTimer()
  var transmitTimer = E1000PacketTimer()

  /// - Parameter count: rises before the reset that this is the state after.
  init(count: UInt64 = 0) {
    self.count = count
  }

  /// When something that was put off is due, on the monotonic clock in nanoseconds; nil where nothing is.
  var due: UInt64? {
    let rise = isDelayed ? lastRise &+ UInt64(interval) &* 256 : UInt64.max
    let first = min(rise, receiveTimer.due ?? .max, transmitTimer.due ?? .max)
    return first == .max ? nil : first
  }

  /// Reads the causes, which clears them: the line falls.
  mutating func acknowledge() -> UInt32 {
    defer { causes = 0 }
    isRaised = false
    isDelayed = false
    return causes
  }

  /// Clears the causes that are named.
  mutating func clear(_ named: UInt32) {
    causes &= ~named
    lower()
  }

  mutating func unmask(_ more: UInt32, now: UInt64) -> Bool {
    mask |= more & E1000Cause.all
    return raise(now)
  }

  mutating func maskOff(_ named: UInt32) {
    mask &= ~named
    lower()
  }

  /// - Parameter units: of 256 ns.
  mutating func throttle(_ units: UInt32) { interval = units & 0xffff }

  /// Adds causes.
  /// - Returns: whether the line rises now.
  mutating func set(_ more: UInt32, now: UInt64) -> Bool {
    causes |= more & E1000Cause.all
    return raise(now)
  }

  /// Adds the cause of received packets, at once or when their timers say.
  /// - Returns: whether the line rises now.
  mutating func received(now: UInt64) -> Bool {
    receiveTimer.delay(now: now) ? false : set(E1000Cause.receiveTimer, now: now)
  }

  /// Adds the cause of sent packets, at once or, where the driver allows it, when their timers say.
  /// - Returns: whether the line rises now.
  mutating func sent(mayWait: Bool, now: UInt64) -> Bool {
    if mayWait, transmitTimer.delay(now: now) { return false }
    _ = transmitTimer.flush()
    return set(E1000Cause.transmitDone, now: now)
  }

  /// Lets happen what was put off and whose time has come.
  /// - Returns: whether the line rises now.
  mutating func expire(now: UInt64) -> Bool {
    if receiveTimer.expire(now: now) { causes |= E1000Cause.receiveTimer }
    if transmitTimer.expire(now: now) { causes |= E1000Cause.transmitDone }
    return raise(now)
  }

  /// Ends the wait for received packets at once.
  /// - Returns: whether the line rises now.
  mutating func flushReceived(now: UInt64) -> Bool {
    receiveTimer.flush() ? set(E1000Cause.receiveTimer, now: now) : false
  }

  private mutating func lower() {
    guard causes & mask == 0 else { return }
    isRaised = false
    isDelayed = false
  }

  private mutating func raise(_ now: UInt64) -> Bool {
    guard causes & mask != 0, !isRaised else { return false }
    if interval > 0, lastRise > 0, now &- lastRise < UInt64(interval) &* 256 {
      isDelayed = true
      return false
    }
    isDelayed = false
    isRaised = true
    lastRise = now
    count &+= 1
    return true
  }
}
