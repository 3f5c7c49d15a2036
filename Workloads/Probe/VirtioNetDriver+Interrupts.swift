import CProbe
import ProbeABI

extension VirtioNetDriver {
  private static var ok: UInt8 { 0 }
  private static var unanswered: UInt8 { 0xff }

  /// Finds out whether interrupts arrive, and whether their line needs to be lowered by the driver, by not doing it: on a line
  /// that the device only pulses the interrupt of a second command arrives all the same. The commands say what is so anyway:
  /// nothing crosses the wire. Without a control queue the line is lowered every time.
  /// - Returns: whether interrupts arrive; nil where there is no way to find out.
  mutating func learnLine(tscKilohertz: UInt64) -> Bool? {
    guard commander != nil else { return nil }
    let first = commandCausesInterrupt(50 &* tscKilohertz)
    if first, acknowledge != 0, commandCausesInterrupt(50 &* tscKilohertz) { acknowledge = 0 }
    return first
  }

  /// Asks for no more frames than those for this station (virtio 1.2 §5.1.6.5.1). Returns whether an interrupt came at most
  /// `grace` ticks after the answer.
  private mutating func commandCausesInterrupt(_ grace: UInt64) -> Bool {
    let seen = sleep.count
    let answer = UnsafeMutableRawPointer(bitPattern: UInt(commands + 64)).unsafelyUnwrapped
    nm_store64(UnsafeMutableRawPointer(bitPattern: UInt(commands)), 0)
    nm_store8(answer, Self.unanswered)
    let chain = VirtioQueueChain(
      head: commands, headLength: 2, headIsWritable: false, data: commands + 2, length: 1, isWritable: false,
      tail: commands + 64, tailLength: 1, table: 0)
    commander?.requestInterrupt()
    commander?.add(chain, tag: 0)
    if commander?.publish() == true { commandBell?.ring() }
    var deadline = nm_tsc() &+ sleep.patience
    var used = commander?.next()
    while used == nil, nm_tsc() < deadline {
      nm_pause()
      used = commander?.next()
    }
    guard let used, used.tag == 0, nm_load8(answer) == Self.ok else {
      isBroken = true
      return false
    }
    deadline = nm_tsc() &+ grace
    while sleep.count == seen, nm_tsc() < deadline { nm_pause() }
    commander?.suppressInterrupts()
    return sleep.count != seen
  }
}
