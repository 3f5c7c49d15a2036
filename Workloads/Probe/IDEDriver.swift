import PortIO
import ProbeABI

/// A driver for the disk on a PIIX IDE controller: programmed I/O or bus-master DMA, by polling or by interrupt.
///
/// IDE runs one command at a time: further requests wait in a small ring, as in an operating system. Accesses are as
/// few as the drive allows, since every one of them traps. Memory is identity-mapped: a pointer is a physical address.
/// Nothing here allocates. The value stays where `device(_:)` found it.
struct IDEDriver {
  /// Waits for IRQ 14 until a time stamp. Returns 0 once that has passed.
  typealias InterruptWait = @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Int32

  /// Most requests in flight or waiting.
  static var depth: Int { 32 }
  /// Most bytes of one request.
  static var maximum: UInt32 { 1 << 20 }
  /// Bytes of the descriptor table that DMA needs: two descriptors of 8 bytes more than a request has pieces of 64 KiB.
  static var tableSize: Int { 256 }

  var registers = IDERegisters()
  /// Base of the bus-master registers; 0 selects programmed I/O.
  var master: UInt16 = 0
  /// The descriptor table: aligned to its size, below 4 GiB.
  var table: UnsafeMutablePointer<UInt64>?
  /// Ticks after which a request that makes no progress is given up.
  var timeout: UInt64
  var waitForInterrupt: InterruptWait?
  var waitContext: UnsafeMutableRawPointer?

  /// Sectors of the disk.
  var sectors: UInt64 = 0
  var hasExtended = false
  /// Sectors for each data request of programmed I/O.
  var block: UInt32 = 1

  var ring = InlineArray<32, nm_block_request>(repeating: nm_block_request())
  var head = 0
  var count = 0
  /// Whether the request at the head was started.
  var isRunning = false
  /// Bytes of the running request that programmed I/O has moved.
  var position: UInt32 = 0
  /// Whether the drive's interrupt is on.
  var usesInterrupts = false
  /// Whether the drive's next step will be told by an interrupt.
  var awaitsInterrupt = false

  /// Finds the drive and brings it into order.
  /// - Parameters:
  ///   - master: base of the bus-master registers for DMA, from base address 4 of the controller; 0 for programmed I/O.
  ///   - table: `tableSize` bytes aligned to as many, below 4 GiB; nil for programmed I/O.
  ///   - timeout: ticks of the time-stamp counter.
  ///   - waitForInterrupt: nil polls always; else those poll who do not wait.
  /// - Returns: nil where no drive answers, or its identify data is broken.
  init?(
    master: UInt16, table: UnsafeMutablePointer<UInt64>?, timeout: UInt64, waitForInterrupt: InterruptWait? = nil,
    waitContext: UnsafeMutableRawPointer? = nil
  ) {
    self.master = master
    self.table = table
    self.timeout = timeout
    self.waitForInterrupt = waitForInterrupt
    self.waitContext = waitContext
    if master != 0, table == nil { return nil }
    registers.select()
    guard identify(), command(IDERegisters.Code.setMultiple, count: UInt8(block)) else { return nil }
    if master != 0, let table {
      let mode = IDERegisters.Code.multiwordMode2
      guard command(IDERegisters.Code.setFeatures, feature: IDERegisters.Code.setTransferMode, count: mode) else {
        return nil
      }
      outb(master, 0)
      outb(master + 2, 0x26)
      outl(master + 4, UInt32(truncatingIfNeeded: UInt(bitPattern: table)))
    }
  }

  /// Runs a command without data to its end.
  private func command(_ code: UInt8, feature: UInt8 = 0, count: UInt8 = 0) -> Bool {
    registers.issue(code, feature: feature, count: count)
    guard let status = registers.waitReady(nm_tsc() + timeout) else { return false }
    return status & (IDERegisters.Status.error | IDERegisters.Status.fault) == 0
  }

  /// Reads what the drive says of itself (ATA8-ACS §7.16). An absent drive shows all ones or zero status.
  private mutating func identify() -> Bool {
    if registers.status == 0xff { return false }
    registers.issue(IDERegisters.Code.identify)
    guard let status = registers.waitReady(nm_tsc() + timeout) else { return false }
    guard status & 0x09 == IDERegisters.Status.dataRequest else { return false }
    var words = InlineArray<256, UInt16>(repeating: 0)
    var sum: UInt8 = 0
    for index in 0..<256 {
      words[index] = inw(registers.command)
      sum &+= UInt8(words[index] & 0xff) &+ UInt8(words[index] >> 8)
    }
    if words[255] & 0xff == 0xa5, sum != 0 { return false }
    hasExtended = words[83] & 0xc400 == 0x4400
    let short = UInt64(words[60]) | UInt64(words[61]) << 16
    let long =
      UInt64(words[100]) | UInt64(words[101]) << 16 | UInt64(words[102]) << 32 | UInt64(words[103]) << 48
    sectors = hasExtended ? long : short
    block = max(1, UInt32(words[47] & 0xff))
    return sectors > 0
  }
}
