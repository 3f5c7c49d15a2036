@testable import Devices

/// The state of the e1000's interrupts, by reference, so that expectations may call what changes it.
final class InterruptState {
  private var state = E1000Interrupts()

  var due: UInt64? { state.due }
  var count: UInt64 { state.count }
  func throttle(_ units: UInt32) { state.throttle(units) }
  func unmask(_ more: UInt32, now: UInt64) -> Bool { state.unmask(more, now: now) }
  func set(_ more: UInt32, now: UInt64) -> Bool { state.set(more, now: now) }
  func acknowledge() -> UInt32 { state.acknowledge() }
  func expire(now: UInt64) -> Bool { state.expire(now: now) }
  func received(now: UInt64) -> Bool { state.received(now: now) }
  func sent(mayWait: Bool, now: UInt64) -> Bool { state.sent(mayWait: mayWait, now: now) }
  func flushReceived(now: UInt64) -> Bool { state.flushReceived(now: now) }
  func setReceiveTimers(_ relative: UInt32, _ absolute: UInt32) {
    (state.receiveTimer.relative, state.receiveTimer.absolute) = (relative, absolute)
  }
  func setTransmitTimer(_ relative: UInt32) { state.transmitTimer.relative = relative }
}
