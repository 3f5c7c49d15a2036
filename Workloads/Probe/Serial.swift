import CProbe
import PortIO

/// COM1, a 16550 with its 16-byte FIFO: the way out for records. Written only outside measured windows.
enum Serial {
  private static let base: UInt16 = 0x3f8
  private static let fifoControl: UInt16 = base + 2
  private static let lineStatus: UInt16 = base + 5
  private static let scratchRegister: UInt16 = base + 7
  private static let dataReady: UInt8 = 1 << 0
  private static let transmitterEmpty: UInt8 = 1 << 5
  private static let fifoSize: UInt64 = 16

  static func start() {
    outb(fifoControl, 0x07)
  }

  /// A register without a meaning.
  static var scratch: UInt8 {
    @inline(__always) get { inb(scratchRegister) }
    @inline(__always) set { outb(scratchRegister, newValue) }
  }

  /// Waits for a byte. The machine is stopped meanwhile, or it costs it a CPU.
  static func read() -> UInt8 {
    while inb(lineStatus) & dataReady == 0 { nm_pause() }
    return inb(base)
  }

  static func write(_ bytes: UnsafePointer<UInt8>, _ count: UInt64) {
    var sent: UInt64 = 0
    while sent < count {
      while inb(lineStatus) & transmitterEmpty == 0 { nm_pause() }
      let chunk = min(fifoSize, count - sent)
      outsb(base, bytes + Int(sent), chunk)
      sent += chunk
    }
  }
}
