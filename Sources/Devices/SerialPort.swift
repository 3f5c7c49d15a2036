/// A 16550 UART that transmits at once and receives nothing (National Semiconductor PC16550D). It knows no bus and raises no
/// interrupt: the probe polls.
public final class SerialPort: BusDevice {
  private enum Register {
    static let data: UInt64 = 0
    static let interruptEnable: UInt64 = 1
    static let interruptIdentification: UInt64 = 2
    static let lineControl: UInt64 = 3
    static let modemControl: UInt64 = 4
    static let lineStatus: UInt64 = 5
    static let modemStatus: UInt64 = 6
    static let scratch: UInt64 = 7
  }
  /// Line status: transmitter and its holding register empty.
  private static let transmitterEmpty: UInt64 = 0x60
  /// Interrupt identification: FIFO on, nothing pending.
  private static let nothingPending: UInt64 = 0xc1
  /// Modem status: carrier, ready, clear to send.
  private static let connected: UInt64 = 0xb0
  private static let divisorAccess: UInt8 = 0x80

  private let transmit: (UInt8) -> Void
  private var interruptEnable: UInt8 = 0
  private var lineControl: UInt8 = 3
  private var modemControl: UInt8 = 0
  private var scratch: UInt8 = 0
  private var divisor: (low: UInt8, high: UInt8) = (1, 0)

  /// - Parameter transmit: takes every byte that the guest sends; called on the vCPU's thread.
  public init(transmit: @escaping (UInt8) -> Void) {
    self.transmit = transmit
  }

  private var accessesDivisor: Bool { lineControl & Self.divisorAccess != 0 }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    switch offset {
    case Register.data: accessesDivisor ? UInt64(divisor.low) : 0
    case Register.interruptEnable: UInt64(accessesDivisor ? divisor.high : interruptEnable)
    case Register.interruptIdentification: Self.nothingPending
    case Register.lineControl: UInt64(lineControl)
    case Register.modemControl: UInt64(modemControl)
    case Register.lineStatus: Self.transmitterEmpty
    case Register.modemStatus: Self.connected
    default: UInt64(scratch)
    }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    let byte = UInt8(truncatingIfNeeded: value)
    switch offset {
    case Register.data:
      if accessesDivisor { divisor.low = byte } else { transmit(byte) }
    case Register.interruptEnable:
      if accessesDivisor { divisor.high = byte } else { interruptEnable = byte & 0x0f }
    case Register.lineControl: lineControl = byte
    case Register.modemControl: modemControl = byte & 0x1f
    case Register.scratch: scratch = byte
    default: break
    }
  }
}
