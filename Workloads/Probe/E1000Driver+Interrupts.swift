import CProbe
import ProbeABI

extension E1000Driver {
  /// Routes the line and finds out whether interrupts arrive, by asking the controller for one. Nothing crosses the wire.
  mutating func learnLine(_ line: UInt8) {
    guard line < 24 else { return }
    IOAPIC.route(pin: UInt32(line), to: sleep.vector, processor: LocalAPIC.identifier)
    let seen = sleep.count
    registers.write(E1000Registers.interruptMask, E1000Registers.Cause.transmitDone)
    registers.write(E1000Registers.interruptCauseSet, E1000Registers.Cause.transmitDone)
    let deadline = nm_tsc() &+ sleep.patience / 20
    while sleep.count == seen, nm_tsc() < deadline { nm_pause() }
    hasInterrupts = sleep.count != seen
    registers.write(E1000Registers.interruptMaskClear, .max)
    _ = registers.read(E1000Registers.interruptCause)
    acknowledged = sleep.count
    if !hasInterrupts { IOAPIC.mask(pin: UInt32(line)) }
  }

  @inline(never)
  mutating func sleepUntilReceived() {
    let deadline = nm_tsc() &+ sleep.patience
    guard hasInterrupts else {
      while !hasReceived, nm_tsc() < deadline { nm_pause() }
      return
    }
    if !isListening {
      registers.write(E1000Registers.interruptMask, E1000Registers.Cause.receiveTimer)
      isListening = true
    }
    while true {
      let seen = sleep.count
      lowerLine(seen)
      if hasReceived || !sleep.wait(seen, deadline) || hasReceived { return }
    }
  }

  /// Frames that leave cause interrupts only while somebody waits for that.
  @inline(never)
  mutating func sleepUntilSent() {
    let deadline = nm_tsc() &+ sleep.patience
    guard hasInterrupts else {
      while !hasSent, nm_tsc() < deadline { nm_pause() }
      return
    }
    registers.write(E1000Registers.interruptMask, E1000Registers.Cause.transmitDone)
    while true {
      let seen = sleep.count
      lowerLine(seen)
      if hasSent || !sleep.wait(seen, deadline) || hasSent { break }
    }
    registers.write(E1000Registers.interruptMaskClear, E1000Registers.Cause.transmitDone)
  }

  /// Lowers the line, which stays raised until the causes are read. That comes before the last look at a ring: whatever comes
  /// later raises it anew. Nothing to do unless an interrupt was taken since the last time.
  private mutating func lowerLine(_ seen: UInt64) {
    guard seen != acknowledged else { return }
    _ = registers.read(E1000Registers.interruptCause)
    acknowledged = seen
  }
}
