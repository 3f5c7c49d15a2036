import CProbe
import ProbeABI

extension VirtioBlockDriver {
  /// Takes what has completed; with `wait`, sleeps until something has, or the device's deadline has passed. What a
  /// device has done without the interrupt that it owed comes back with ETIME.
  @inline(__always)
  mutating func reap(
    _ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: UInt32, wait: Bool
  ) -> UInt32 {
    let count = harvest(completions, limit)
    guard wait, count == 0, inFlight > 0, !isBroken else { return count }
    return sleepAndHarvest(completions, limit)
  }

  @inline(never)
  private mutating func sleepAndHarvest(
    _ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: UInt32
  ) -> UInt32 {
    let deadline = nm_tsc() &+ sleep.patience
    var isLate = false
    while true {
      let seen = sleep.count
      acknowledgeLine(seen)
      queue.requestInterrupt()
      // The device may just have finished: it looks for the request after it has written what it did.
      nm_full_barrier()
      if queue.hasUsed { break }
      guard sleep.wait(seen, deadline) else {
        isLate = true
        break
      }
      if queue.hasUsed { break }
    }
    queue.suppressInterrupts()
    let count = harvest(completions, limit)
    if isLate { for index in 0..<Int(count) { completions[index].status = -62 } }
    return count
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
