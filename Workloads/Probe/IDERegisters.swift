import PortIO
import ProbeABI

/// Ports of one ATA channel as the driver uses them: drive 0, no interrupts unless asked for.
struct IDERegisters {
  /// Where the command block starts; its first port moves data.
  var command: UInt16 = 0x1f0
  /// Alternate status and device control.
  var control: UInt16 = 0x3f6

  enum Status {
    static var busy: UInt8 { 0x80 }
    static var fault: UInt8 { 0x20 }
    static var dataRequest: UInt8 { 0x08 }
    static var error: UInt8 { 0x01 }
  }

  enum Code {
    static var flush: UInt8 { 0xe7 }
    static var identify: UInt8 { 0xec }
    static var setFeatures: UInt8 { 0xef }
    static var setMultiple: UInt8 { 0xc6 }
    static var setTransferMode: UInt8 { 0x03 }
    static var multiwordMode2: UInt8 { 0x22 }
  }

  /// Reading status also takes the drive's interrupt back.
  var status: UInt8 { inb(command + 7) }

  /// Selects drive 0 and turns its interrupt off.
  func select() {
    enableInterrupts(false)
    outb(command + 6, 0xe0)
  }

  func enableInterrupts(_ on: Bool) {
    outb(control, on ? 0 : 2)
  }

  /// Writes a command without a sector address.
  func issue(_ code: UInt8, feature: UInt8 = 0, count: UInt8 = 0) {
    outb(command + 1, feature)
    outb(command + 2, count)
    outb(command + 7, code)
  }

  /// Writes sector address, count and command; the 48-bit form writes the high-order halves first.
  func issue(_ code: UInt8, sector: UInt64, count: UInt32, extended: Bool) {
    if extended {
      outb(command + 6, 0xe0)
      outb(command + 2, UInt8(truncatingIfNeeded: count >> 8))
      outb(command + 3, UInt8(truncatingIfNeeded: sector >> 24))
      outb(command + 4, UInt8(truncatingIfNeeded: sector >> 32))
      outb(command + 5, UInt8(truncatingIfNeeded: sector >> 40))
    } else {
      outb(command + 6, 0xe0 | UInt8(truncatingIfNeeded: sector >> 24) & 0x0f)
    }
    outb(command + 2, UInt8(truncatingIfNeeded: count))
    outb(command + 3, UInt8(truncatingIfNeeded: sector))
    outb(command + 4, UInt8(truncatingIfNeeded: sector >> 8))
    outb(command + 5, UInt8(truncatingIfNeeded: sector >> 16))
    outb(command + 7, code)
  }

  /// Waits until the drive is not busy. Returns its status, or nil once `deadline` (a time stamp) has passed.
  func waitReady(_ deadline: UInt64) -> UInt8? {
    while true {
      let value = status
      if value & Status.busy == 0 { return value }
      if nm_tsc() > deadline { return nil }
    }
  }
}
