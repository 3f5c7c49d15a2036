import Frames
import LinuxSystem
import Synchronization

extension E1000 {
  /// What a turn of service found.
  struct Look {
    /// There is more to do at once.
    var isBusy = false
    /// When an interrupt is due; nil where none waits.
    var due: UInt64?
  }

  /// Longest wait, in milliseconds.
  private static var sleepLimit: Int32 { 1000 }

  /// Receives, sends what had to wait, and raises interrupts that throttling put off, until `stop`. The calling thread is the
  /// controller's I/O thread meanwhile; there is one at a time.
  /// - Throws: `SystemError` where the thread's own descriptors cannot be made.
  public func serve() throws(SystemError) {
    let waiter = try ServiceWaiter()
    try waiter.add(kick.rawValue)
    try waiter.add(link.event)
    try link.accept([])
    while !stops.load(ordering: .acquiring) {
      let look = locked { turn() }
      if look.isBusy { continue }
      guard let due = look.due else {
        waiter.wait(milliseconds: Self.sleepLimit)
        continue
      }
      let now = MonotonicClock.now
      // Intervals are short: what is less than the clock of waits can tell is waited for awake.
      if due > now &+ 1_000_000 { waiter.wait(milliseconds: Int32(clamping: (due &- now) / 1_000_000)) }
    }
  }

  /// Makes `serve` return, now or as soon as it is called.
  public func stop() {
    stops.store(true, ordering: .releasing)
    kick.signal()
  }

  /// The lock is held.
  func turn() -> Look {
    var look = Look()
    link.disableEvent()
    var isHolding = false
    if isTransmitting {
      let turn = transmitTurn()
      look.isBusy = turn.hasMore
      isHolding = turn.isHolding
    }
    isStarved = true
    if isReceiving {
      let turn = receiver.run(
        memory, link, control: receiveControl, filter: filter, counters: &tally, log: log)
      if turn.causes != 0 { raise(turn.causes) }
      if turn.hasDelivered, interrupts.received(now: MonotonicClock.now) { pulse() }
      isStarved = turn.isStarved
      if turn.hasMore { look.isBusy = true }
    }
    if interrupts.expire(now: MonotonicClock.now) { pulse() }
    look.due = interrupts.due
    alarm = look.due
    if !look.isBusy, isHolding || !isStarved, link.enableEvent() {
      // Room for the frame that waits, or a frame for a receiver that has buffers.
      look.isBusy = true
    }
    isIdle = !look.isBusy
    return look
  }
}
