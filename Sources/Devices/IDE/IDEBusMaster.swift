import GuestMemory

/// The bus-master registers of one channel (Programming Interface for Bus Master IDE Controller, revision 1.0).
struct IDEBusMaster {
  private enum Command {
    static let start: UInt8 = 0x01
    static let writesMemory: UInt8 = 0x08
  }

  private enum Status {
    static let active: UInt8 = 0x01
    static let error: UInt8 = 0x02
    static let interrupt: UInt8 = 0x04
    static let capable: UInt8 = 0x60
  }

  private var command: UInt8 = 0
  private var status: UInt8 = 0x20  // drive 0 can do DMA, as firmware would have marked it
  private var table: UInt32 = 0

  /// Whether the guest started a transfer that is not over.
  var isActive: Bool { status & Status.active != 0 }
  /// Whether data goes to guest memory.
  var writesMemory: Bool { command & Command.writesMemory != 0 }
  /// Where the descriptor table is.
  var tableAddress: GuestAddress { GuestAddress(UInt64(table)) }

  func read(_ register: Int) -> UInt8 {
    switch register {
    case 0: return command
    case 2: return status
    case 4..<8: return UInt8(truncatingIfNeeded: table >> UInt32((register - 4) * 8))
    default: return 0  // reserved, and the second channel, which is switched off
    }
  }

  mutating func write(_ register: Int, _ value: UInt8) {
    switch register {
    case 0: writeCommand(value)
    case 2: status = status & ~(value & (Status.error | Status.interrupt)) & ~Status.capable | value & Status.capable
    case 4..<8:
      let shift = UInt32((register - 4) * 8)
      table = (table & ~(0xff << shift) | UInt32(value) << shift) & ~3
    default: break
    }
  }

  /// The start bit's edges start and stop the bus master; the direction cannot change while it is active.
  private mutating func writeCommand(_ value: UInt8) {
    let (was, now) = (command & Command.start, value & Command.start)
    let direction = isActive && now != 0 ? command : value
    command = now | direction & Command.writesMemory
    if was == 0, now != 0 { status |= Status.active }
    if now == 0 { status &= ~Status.active }
  }

  /// The drive's interrupt line rose.
  mutating func noteInterrupt() { status |= Status.interrupt }

  /// The descriptor table is used up.
  mutating func finish() { status &= ~Status.active }

  /// Memory did not answer.
  mutating func fault() { status = status & ~Status.active | Status.error }
}
