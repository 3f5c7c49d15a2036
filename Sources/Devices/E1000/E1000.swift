import Frames
import GuestMemory
import LinuxSystem
import Synchronization

/// An 82540EM network controller, as far as drivers use one ("PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's
/// Manual", 317453; sections named here are its own): EEPROM, PHY, legacy and extended descriptors, checksums and segmentation,
/// receive filters, interrupt throttling. Not there: VLAN tags, wake-up, flow control.
///
/// What a driver sends leaves on the vCPU's thread, inside its register write, as far as a turn goes; `serve` does the rest and
/// receives. A lock lets one of them at the controller, and at the link, at a time.
public final class E1000: @unchecked Sendable {
  // @unchecked: `lock` guards everything that changes.

  /// The controller on the PCI bus.
  public let function: PCIFunction
  let link: any FrameLink
  let memory: GuestMemory
  let log = NetErrorLog()
  /// Wakes the thread in `serve`.
  let kick: EventCounter
  let stops = Atomic<Bool>(false)
  private let interrupt: any InterruptLine
  private let address: EthernetAddress
  private let lock = Mutex(())

  var transmitter = E1000Transmitter()
  var receiver = E1000Receiver()
  var filter: E1000Filter
  var interrupts = E1000Interrupts()
  var tally = E1000Counters()
  /// Registers that keep what is written.
  private var values = E1000Register.initial
  var receiveControl: UInt32 = 0
  var transmitControl: UInt32 = 0
  private var eeprom: E1000EEPROM
  private var eepromRead: UInt32 = 0
  private var phy = E1000PHY()
  private var mdi: UInt32 = 0
  private var statistics = E1000Statistics()
  /// The register that the ports reach.
  private var portRegister: UInt32 = 0
  /// When the thread in `serve` looks for what was put off; nil where it knows of nothing.
  var alarm: UInt64?
  /// Whether the thread in `serve` sleeps, or is about to, and was not woken yet.
  var isIdle = false
  /// Whether the thread in `serve` leaves frames on the wire until the driver can take some.
  var isStarved = true

  /// - Parameters:
  ///   - memory: what descriptors and buffers lie in.
  ///   - interrupt: INTA#, as rising edges.
  ///   - line: the interrupt line that the header names.
  public init(
    memory: GuestMemory, link: any FrameLink, address: EthernetAddress, interrupt: any InterruptLine, line: UInt8
  ) throws(SystemError) {
    let identity = PCIIdentity(
      vendor: 0x8086, device: 0x100e, classCode: 0x02_0000, revision: 3, subsystemVendor: 0x8086, subsystem: 0x001e)
    function = PCIFunction(identity, name: "e1000", interruptPin: 1)
    function.setInterruptLine(line)
    self.memory = memory
    self.link = link
    self.address = address
    self.interrupt = interrupt
    kick = try EventCounter(nonBlocking: true)
    filter = E1000Filter(address)
    eeprom = E1000EEPROM(address: address, subsystem: identity)
    function.addMemory(E1000Region(self), at: 0, size: E1000Register.regionSize)
    function.addPorts(E1000Ports(self), at: 2, size: 64)
  }

  /// What was counted. Any thread may ask.
  public var counters: E1000Counters {
    lock.withLock { _ in
      var counters = tally
      counters.interrupts = interrupts.count
      return counters
    }
  }

  /// The first error of the wire. Any thread may ask.
  public var firstError: String? { log.first }

  func locked<Result>(_ body: () -> Result) -> Result { lock.withLock { _ in body() } }

  // MARK: Accesses

  /// Offset of the register that the ports reach, a multiple of 4 below the size of the region.
  var portAddress: UInt32 {
    get { locked { portRegister } }
    set { locked { portRegister = newValue } }
  }

  /// Registers are 32 bits wide; narrower reads see their part of one, other writes do nothing (§13.2).
  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    locked {
      tally.registerAccesses += 1
      let inside = Int(offset & 3)
      return UInt64(readRegister(Int(offset) - inside)) >> UInt64(inside * 8) & width.mask
    }
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard width == .long, offset & 3 == 0 else { return }
    locked {
      tally.registerAccesses += 1
      writeRegister(Int(offset), UInt32(truncatingIfNeeded: value))
      // What is put off is the other thread's to do.
      if let due = interrupts.due, alarm.map({ due < $0 }) ?? true {
        alarm = due
        wake()
      }
    }
  }

  // MARK: Registers. The lock is held.

  func readRegister(_ offset: Int) -> UInt32 {
    typealias R = E1000Register
    switch offset {
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
    case R.control: writeControl(value)
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

  // MARK: Data path. The lock is held.

  /// Sends a turn of what the driver asked for and leaves the rest, and answers, to the other thread.
  private func transmit() {
    guard isTransmitting else { return }
    let turn = transmitTurn()
    // A thread that is awake looks by itself; one without buffers has no use for answers.
    if isIdle, turn.hasMore || turn.isHolding || !isStarved && link.enableEvent() { wake() }
  }

  private func wake() {
    guard isIdle else { return }
    isIdle = false
    kick.signal()
  }

  var isTransmitting: Bool { transmitControl & E1000TransmitControl.enable != 0 && function.isBusMaster }
  var isReceiving: Bool { receiveControl & E1000ReceiveControl.enable != 0 && function.isBusMaster }

  func transmitTurn() -> E1000Transmitter.Turn {
    let turn = transmitter.run(
      memory, link, padding: transmitControl & E1000TransmitControl.padShort != 0, counters: &tally, log: log)
    if turn.isEmpty { raise(E1000Cause.transmitQueueEmpty) }
    if turn.hasReported, interrupts.sent(mayWait: turn.mayWait, now: MonotonicClock.now) { pulse() }
    return turn
  }

  /// Tells the other thread of buffers, or of a receiver that was turned on, where it waits for that.
  private func wakeReceiver() {
    guard isStarved, isReceiving, receiver.ring.available > 0 else { return }
    isStarved = false
    wake()
  }

  func raise(_ causes: UInt32) {
    if interrupts.set(causes, now: MonotonicClock.now) { pulse() }
  }

  func pulse() {
    guard !function.isLineDisabled else { return }
    interrupt.pulse()
  }
}
