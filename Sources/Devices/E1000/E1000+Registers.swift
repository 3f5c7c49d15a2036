import Frames
import LinuxSystem

/// What reads and writes of registers do (§13.4). The lock is held.
extension E1000 {
  func readRegister(_ offset: Int) -> UInt32 {
    typealias R = E1000Register
    switch offset {
    case R.controlDuplicate: return values[R.control] ?? 0
    case R.status: return E1000Status.fullDuplex | E1000Status.gigabit | E1000Status.linkUp
    case R.eepromControl: return eeprom.control
    case R.eepromRead: return eeprom.read(eepromRead)
    case R.mdi: return mdi
    case R.interruptCause: return interrupts.acknowledge()
    case R.interruptThrottling: return interrupts.interval
    case R.interruptMask: return interrupts.mask
    case R.receiveControl: return receiveControl
    case R.transmitControl: return transmitControl
    case R.receiveBaseLow: return UInt32(truncatingIfNeeded: receiver.ring.base)
    case R.receiveBaseHigh: return UInt32(truncatingIfNeeded: receiver.ring.base >> 32)
    case R.receiveLength: return receiver.ring.length
    case R.receiveHead: return receiver.ring.head
    case R.receiveTail: return receiver.ring.tail
    case R.transmitBaseLow: return UInt32(truncatingIfNeeded: transmitter.ring.base)
    case R.transmitBaseHigh: return UInt32(truncatingIfNeeded: transmitter.ring.base >> 32)
    case R.transmitLength: return transmitter.ring.length
    case R.transmitHead: return transmitter.ring.head
    case R.transmitTail: return transmitter.ring.tail
    case _ where R.receiveAddresses.contains(offset):
      return filter.addresses[(offset - R.receiveAddresses.lowerBound) / 4]
    case _ where R.multicastTable.contains(offset): return filter.table[(offset - R.multicastTable.lowerBound) / 4]
    case _ where R.statistics.contains(offset):
      return statistics.read(offset - R.statistics.lowerBound, tally)
    default: return values[offset] ?? 0
    }
  }

  func writeRegister(_ offset: Int, _ value: UInt32) {
    typealias R = E1000Register
    switch offset {
    case R.control, R.controlDuplicate: writeControl(value)
    case R.eepromControl: eeprom.writeControl(value)
    case R.eepromRead: eepromRead = value
    case R.mdi:
      let (answer, causes) = phy.command(value)
      mdi = answer
      if causes != 0 { raise(causes) }
    case R.interruptCause: interrupts.clear(value)
    case R.interruptThrottling: interrupts.throttle(value)
    case R.interruptCauseSet: raise(value)
    case R.interruptMask: if interrupts.unmask(value, now: MonotonicClock.now) { pulse() }
    case R.interruptMaskClear: interrupts.maskOff(value)
    case R.receiveControl:
      receiveControl = value
      wakeReceiver()
    case R.transmitControl:
      transmitControl = value
      transmit()
    case _ where R.receiveAddresses.contains(offset):
      filter.setAddress((offset - R.receiveAddresses.lowerBound) / 4, value)
    case _ where R.multicastTable.contains(offset):
      filter.setTable((offset - R.multicastTable.lowerBound) / 4, value)
    case _ where R.kept.contains(offset) || R.vlanTable.contains(offset):
      values[offset] = value
      writeTimer(offset, value)
    default: writeRing(offset, value)
    }
  }

  /// The timers among the registers that keep what is written (§13.4.30, §13.4.31, §3.4.3).
  private func writeTimer(_ offset: Int, _ value: UInt32) {
    typealias R = E1000Register
    switch offset {
    case R.receiveDelay:
      interrupts.receiveTimer.relative = value & 0xffff
      values[offset] = value & 0xffff
      if value & R.flushReceived != 0, interrupts.flushReceived(now: MonotonicClock.now) { pulse() }
    case R.receiveAbsoluteDelay: interrupts.receiveTimer.absolute = value & 0xffff
    case R.transmitDelay: interrupts.transmitTimer.relative = value & 0xffff
    case R.transmitAbsoluteDelay: interrupts.transmitTimer.absolute = value & 0xffff
    default: break
    }
  }

  private func writeRing(_ offset: Int, _ value: UInt32) {
    typealias R = E1000Register
    switch offset {
    case R.receiveBaseLow: receiver.ring.setBaseLow(value)
    case R.receiveBaseHigh: receiver.ring.setBaseHigh(value)
    case R.receiveLength: receiver.ring.setLength(value)
    case R.receiveHead: receiver.ring.head = value & 0xffff
    case R.receiveTail:
      receiver.ring.tail = value & 0xffff
      wakeReceiver()
    case R.transmitBaseLow: transmitter.ring.setBaseLow(value)
    case R.transmitBaseHigh: transmitter.ring.setBaseHigh(value)
    case R.transmitLength: transmitter.ring.setLength(value)
    case R.transmitHead: transmitter.ring.head = value & 0xffff
    case R.transmitTail:
      transmitter.ring.tail = value & 0xffff
      transmit()
    default: break
    }
  }

  private func writeControl(_ value: UInt32) {
    if value & E1000Control.reset != 0 {
      reset()
      return
    }
    if value & E1000Control.phyReset != 0 { phy = E1000PHY() }
    let before = values[E1000Register.control] ?? 0
    values[E1000Register.control] = value & ~E1000Control.phyReset
    if value & E1000Control.setLinkUp != 0, before & E1000Control.setLinkUp == 0 { raise(E1000Cause.linkChange) }
  }

  private func reset() {
    values = E1000Register.initial
    statistics = E1000Statistics(since: tally)
    (receiveControl, transmitControl, mdi, eepromRead) = (0, 0, 0, 0)
    transmitter = E1000Transmitter()
    receiver = E1000Receiver()
    filter = E1000Filter(address)
    interrupts = E1000Interrupts(count: interrupts.count)
    phy = E1000PHY()
  }
}
