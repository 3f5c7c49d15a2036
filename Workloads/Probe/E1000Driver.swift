import CProbe
import ProbeABI

/// A driver for the 82540EM network controller ("PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual",
/// 317453; sections are its own).
///
/// It spares register accesses as drivers of operating systems do: one write a batch of frames to send, one for many receive
/// buffers, one read for each interrupt that it slept for. Nothing is allocated, and nothing that the controller writes is
/// believed. Frames are sent from where they lie, and those that arrive are handed out where the controller put them. Memory is
/// identity-mapped: a pointer is a physical address. The value stays where `device(_:)` found it.
struct E1000Driver {
  /// Most frames on their way, and descriptors of either ring.
  static var depth: UInt32 { 256 }
  static var sendCount: UInt32 { 512 }
  static var receiveCount: UInt32 { 256 }
  /// Bytes of a receive buffer, and of a slot for the headers of a frame that is cut.
  static var bufferSize: UInt64 { 2048 }
  static var slotSize: UInt64 { 128 }
  static var descriptorSize: UInt64 { 16 }

  let registers: E1000Registers
  /// The interface's address, six bytes, the first one lowest.
  let address: UInt64
  let hasOffloads: Bool
  var sleep: DeviceSleep
  /// Whether the controller's interrupts arrive. Where they do not, those who wait poll.
  var hasInterrupts = false
  /// Interrupts that were taken when the line was last lowered.
  var acknowledged: UInt64 = 0
  /// Whether received frames cause interrupts.
  var isListening = false
  /// Whether the controller did what it cannot.
  var isBroken = false

  // Sending. Positions count on and are masked where they index.
  let sendRing: UInt64
  let slots: UInt64
  var sendHead: UInt32 = 0
  var sendTail: UInt32 = 0
  /// The tail that the controller knows.
  var sendShown: UInt32 = 0
  /// Frames on their way, oldest first: tag, and the position of the last descriptor.
  var flights = InlineArray<256, UInt64>(repeating: 0)
  var firstFlight: UInt32 = 0
  var lastFlight: UInt32 = 0
  var isBusy = InlineArray<256, Bool>(repeating: false)
  /// The two words of the context that the controller has.
  var context: (UInt64, UInt64) = (0, 0)

  // Receiving.
  let receiveRing: UInt64
  let buffers: UInt64
  /// Frames taken, given back, and given back as far as the controller knows.
  var taken: UInt32 = 0
  var released: UInt32 = 0
  var releasedShown: UInt32 = 0

  /// Brings the controller into order (§14).
  /// - Parameters:
  ///   - line: the input of the interrupt controller that its line arrives at.
  ///   - throttling: least time between two interrupts in units of 256 ns.
  ///   - memory: for rings and buffers; what is used is taken from it.
  init(
    _ registers: E1000Registers, line: UInt8, throttling: UInt32, hasOffloads: Bool, memory: inout Region,
    sleep: DeviceSleep
  ) throws(DeviceError) {
    self.registers = registers
    self.hasOffloads = hasOffloads
    self.sleep = sleep
    try Self.reset(registers, deadline: nm_tsc() &+ sleep.patience)
    address = try Self.readAddress(registers, deadline: nm_tsc() &+ sleep.patience)
    guard let sending = memory.carve(UInt64(Self.sendCount) * Self.descriptorSize, alignment: 128),
      let receiving = memory.carve(UInt64(Self.receiveCount) * Self.descriptorSize, alignment: 128),
      let slots = memory.carve(UInt64(Self.depth) * Self.slotSize, alignment: 128),
      let buffers = memory.carve(UInt64(Self.receiveCount) * Self.bufferSize, alignment: 4096)
    else { throw DeviceError(reason: "no memory for the e1000 driver") }
    (sendRing, receiveRing) = (sending.address, receiving.address)
    (self.slots, self.buffers) = (slots.address, buffers.address)
    registers.write(E1000Registers.interruptThrottling, throttling)
    startReceiving()
    startSending()
    learnLine(line)
  }

  private static func reset(_ registers: E1000Registers, deadline: UInt64) throws(DeviceError) {
    registers.write(E1000Registers.interruptMaskClear, .max)
    registers.write(E1000Registers.control, registers.read(E1000Registers.control) | E1000Registers.Control.reset)
    let reset = E1000Registers.Control.reset
    guard registers.wait(E1000Registers.control, reset, is: 0, until: deadline) else {
      throw DeviceError(reason: "the e1000 does not come out of its reset")
    }
    registers.write(E1000Registers.interruptMaskClear, .max)
    _ = registers.read(E1000Registers.interruptCause)
    let link = E1000Registers.Control.setLinkUp | E1000Registers.Control.autoSpeed
    registers.write(E1000Registers.control, registers.read(E1000Registers.control) | link)
    let up = E1000Registers.linkUp
    guard registers.wait(E1000Registers.status, up, is: up, until: deadline) else {
      throw DeviceError(reason: "the e1000 has no link")
    }
  }

  /// The address in the EEPROM, whose words have a sum (§5.6.35).
  private static func readAddress(_ registers: E1000Registers, deadline: UInt64) throws(DeviceError) -> UInt64 {
    var address: UInt64 = 0
    var sum: UInt16 = 0
    for index: UInt32 in 0..<64 {
      registers.write(E1000Registers.eepromRead, index << 8 | 1)
      guard registers.wait(E1000Registers.eepromRead, 1 << 4, is: 1 << 4, until: deadline) else {
        throw DeviceError(reason: "the e1000's EEPROM does not answer")
      }
      let word = UInt16(truncatingIfNeeded: registers.read(E1000Registers.eepromRead) >> 16)
      sum &+= word
      if index < 3 { address |= UInt64(word) << UInt64(16 * index) }
    }
    guard sum == 0xbaba, address != 0, address & 1 == 0 else {
      throw DeviceError(reason: "the e1000's EEPROM has a wrong sum or no address")
    }
    registers.write(E1000Registers.address, UInt32(truncatingIfNeeded: address))
    registers.write(E1000Registers.address + 4, UInt32(truncatingIfNeeded: address >> 32) | 1 << 31)
    for index: UInt64 in 0..<128 { registers.write(E1000Registers.multicastTable + 4 * index, 0) }
    return address
  }

  private func startReceiving() {
    for index: UInt32 in 0..<Self.receiveCount { clearReceive(index) }
    start(E1000Registers.receiveRing, receiveRing, Self.receiveCount)
    registers.write(E1000Registers.receiveDelay, 0)
    // One descriptor is never given: a tail at the head would be an empty ring (§3.2.6).
    registers.write(E1000Registers.receiveRing + E1000Registers.ringTail, Self.receiveCount - 1)
    registers.write(E1000Registers.receiveControl, E1000Registers.receiveSettings)
  }

  private func startSending() {
    start(E1000Registers.transmitRing, sendRing, Self.sendCount)
    registers.write(E1000Registers.transmitRing + E1000Registers.ringTail, 0)
    registers.write(E1000Registers.gap, E1000Registers.gaps)
    registers.write(E1000Registers.transmitControl, E1000Registers.transmitSettings)
  }

  private func start(_ ring: UInt64, _ address: UInt64, _ count: UInt32) {
    registers.write(ring, UInt32(truncatingIfNeeded: address))
    registers.write(ring + 4, UInt32(truncatingIfNeeded: address >> 32))
    registers.write(ring + E1000Registers.ringLength, count * UInt32(Self.descriptorSize))
    registers.write(ring + E1000Registers.ringHead, 0)
  }
}
