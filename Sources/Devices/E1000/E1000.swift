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
  let address: EthernetAddress
  private let lock = Mutex(())

  var transmitter = E1000Transmitter()
  var receiver = E1000Receiver()
  var filter: E1000Filter
  var interrupts = E1000Interrupts()
  var tally = E1000Counters()
  /// Registers that keep what is written.
  var values = E1000Register.initial
  var receiveControl: UInt32 = 0
  var transmitControl: UInt32 = 0
  var eeprom: E1000EEPROM
  var eepromRead: UInt32 = 0
  var phy = E1000PHY()
  var mdi: UInt32 = 0
  var statistics = E1000Statistics()
  /// The register that the ports reach.
  private var portRegister: UInt32 = 0
  /// When the thread in `serve` looks for what was put off; nil where nothing was.
  var alarm: UInt64?
  /// Whether the thread in `serve` sleeps, or is about to, and was not woken yet.
  var isIdle = false
  /// Whether the thread in `serve` leaves frames on the wire until the driver can take some.
  var isStarved = true

  /// - Parameters:
  ///   - memory: what descriptors and buffers lie in.
  ///   - link: where frames go to and come from.
  ///   - address: what the EEPROM holds, and the receiver filters by from the start.
  ///   - interrupt: INTA#.
  ///   - line: the interrupt line that the header names.
  public init(
    memory: GuestMemory, link: any FrameLink, address: EthernetAddress, interrupt: any InterruptLine, line: UInt8
  ) throws(SystemError) {
    function = PCIFunction(Self.identity, name: "e1000", interruptPin: 1)
    function.setInterruptLine(line)
    self.memory = memory
    self.link = link
    self.address = address
    self.interrupt = interrupt
    kick = try EventCounter(nonBlocking: true)
    filter = E1000Filter(address)
    eeprom = E1000EEPROM(address: address, subsystem: Self.identity)
    function.addMemory(E1000Region(self), at: 0, size: E1000Register.regionSize)
    function.addPorts(E1000Ports(self), at: 2, size: 64)
  }

  /// An 82540EM.
  public static let identity = PCIIdentity(
    vendor: 0x8086, device: 0x100e, classCode: PCIIdentity.network, revision: 3, subsystemVendor: 0x8086,
    subsystem: 0x001e)

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
      let wasRaised = interrupts.isRaised
      defer { if wasRaised, !interrupts.isRaised { interrupt.lower() } }
      return UInt64(readRegister(Int(offset) - inside)) >> UInt64(inside * 8) & width.mask
    }
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard width == .long, offset & 3 == 0 else { return }
    locked {
      tally.registerAccesses += 1
      let wasRaised = interrupts.isRaised
      writeRegister(Int(offset), UInt32(truncatingIfNeeded: value))
      if wasRaised, !interrupts.isRaised { interrupt.lower() }
      // What is put off is the other thread's to do.
      if let due = interrupts.due, alarm.map({ due < $0 }) ?? true {
        alarm = due
        wake()
      }
    }
  }

  // MARK: Data path. The lock is held.

  /// Sends a turn of what the driver asked for and leaves the rest, and answers, to the other thread.
  func transmit() {
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
  func wakeReceiver() {
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
