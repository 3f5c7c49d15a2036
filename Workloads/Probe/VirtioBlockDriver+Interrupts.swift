import CProbe
import ProbeABI

extension VirtioBlockDriver {
  /// Takes what has completed; with `wait`, sleeps until something has, or the device's deadline has passed. What a
  /// device has done without the interrupt that it owed comes back with ETIME.
  @inline(__always)
  static func reap(
    _ driver: UnsafeMutablePointer<Self>, _ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: UInt32,
    wait: Bool
  ) -> UInt32 {
    let count = driver.pointee.harvest(completions, limit)
    guard wait, count == 0, driver.pointee.inFlight > 0, !driver.pointee.isBroken else { return count }
    let isLate = awaitUsed(driver, 1)
    let late = driver.pointee.harvest(completions, limit)
    if isLate { for index in 0..<Int(late) { completions[index].status = -62 } }
    return late
  }

  /// Sleeps until one of several queues has something, all of which this processor drives and whose interrupts have one vector.
  /// - Returns: whether the device's deadline has passed instead.
  @inline(never)
  static func awaitUsed(_ drivers: UnsafeMutablePointer<Self>, _ count: Int) -> Bool {
    let deadline = nm_tsc() &+ drivers.pointee.sleep.patience
    var isLate = false
    while !isLate {
      let seen = drivers.pointee.sleep.count
      drivers.pointee.acknowledgeLine(seen)
      for index in 0..<count { drivers[index].queue.requestInterrupt() }
      // The device may just have finished: it looks for the request after it has written what it did.
      nm_full_barrier()
      if hasUsed(drivers, count) { break }
      let isTold = drivers.pointee.sleep.wait(seen, deadline)
      if isTold, hasUsed(drivers, count) { break }
      // On a vector that others count as well, an interrupt may be none of these queues'.
      isLate = !isTold || nm_tsc() > deadline
    }
    for index in 0..<count { drivers[index].queue.suppressInterrupts() }
    return isLate
  }

  private static func hasUsed(_ drivers: UnsafeMutablePointer<Self>, _ count: Int) -> Bool {
    for index in 0..<count where drivers[index].queue.hasUsed { return true }
    return false
  }

  /// Lowers a line that stays raised until it is told. That comes before the last look at the ring: whatever completes
  /// later raises it anew. Nothing to do unless an interrupt was taken since the last time.
  private mutating func acknowledgeLine(_ seen: UInt64) {
    guard acknowledge != 0, seen != acknowledged else { return }
    probe_mmio_write(acknowledge, 3)
    acknowledged = seen
  }

  /// Finds out whether the interrupt line needs to be lowered by the driver, by not doing it: on a line that the device
  /// only pulses, the interrupt of a second read arrives all the same, and no acknowledgement is ever needed.
  /// - Parameter buffer: 512 bytes.
  /// - Returns: whether interrupts arrive at all.
  mutating func learnLine(_ buffer: UInt64, tscKilohertz: UInt64) -> Bool {
    let first = readCausesInterrupt(buffer, 50 &* tscKilohertz)
    if first, acknowledge != 0, readCausesInterrupt(buffer, 50 &* tscKilohertz) { acknowledge = 0 }
    return first
  }

  /// Reads sector 0. Returns whether an interrupt came at most `grace` ticks after its completion.
  private mutating func readCausesInterrupt(_ buffer: UInt64, _ grace: UInt64) -> Bool {
    let seen = sleep.count
    queue.requestInterrupt()
    let request = nm_block_request(
      offset: 0, buffer: UnsafeMutableRawPointer(bitPattern: UInt(buffer)), length: 512,
      operation: UInt16(NM_BLOCK_READ.rawValue), tag: 0)
    guard submit(request) == 0 else { return false }
    kick()
    var completion = nm_block_completion()
    var deadline = nm_tsc() &+ sleep.patience
    while harvest(&completion, 1) == 0 {
      if nm_tsc() > deadline { return false }
      nm_pause()
    }
    deadline = nm_tsc() &+ grace
    while sleep.count == seen, nm_tsc() < deadline { nm_pause() }
    queue.suppressInterrupts()
    return sleep.count != seen
  }
}
