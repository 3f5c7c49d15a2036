/// Power management's fixed registers as the PIIX4 has them (Intel 82371AB datasheet, §7.2; ACPI 6.4 §4.8.3): events that never
/// happen, the sleep type, and the timer.
public final class PowerManagement: BusDevice {
  private enum Register {
    static let status = 0
    static let enable = 2
    static let control = 4
    static let timer = 8
  }

  /// Bits of the control register.
  private enum Control {
    /// ACPI is on, and no other mode is there.
    static let isACPI: UInt16 = 1 << 0
    static let sleep: UInt16 = 1 << 13
    static let typeShift: UInt16 = 10
  }

  /// Hertz of the timer (ACPI 6.4 §4.8.3.3).
  private static let frequency: UInt64 = 3_579_545

  private let offType: UInt8
  private let now: () -> UInt64
  private let powerOff: () -> Void
  private var enable: UInt16 = 0
  private var control: UInt16 = 0

  /// - Parameters:
  ///   - offType: the sleep type that means off.
  ///   - now: nanoseconds of a clock that only goes forward.
  ///   - powerOff: called when the guest turns the machine off.
  public init(offType: UInt8, now: @escaping () -> UInt64, powerOff: @escaping () -> Void) {
    (self.offType, self.now, self.powerOff) = (offType, now, powerOff)
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    (0..<UInt64(width.rawValue)).reduce(0) { $0 | UInt64(byte(Int(clamping: offset &+ $1))) << ($1 * 8) }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    for index in 0..<UInt64(width.rawValue) {
      setByte(Int(clamping: offset &+ index), UInt8(truncatingIfNeeded: value >> (index * 8)))
    }
  }

  private func byte(_ offset: Int) -> UInt8 {
    switch offset {
    case Register.enable, Register.enable + 1: Self.byte(UInt64(enable), offset - Register.enable)
    case Register.control, Register.control + 1:
      Self.byte(UInt64(control | Control.isACPI), offset - Register.control)
    case Register.timer..<Register.timer + 4: Self.byte(ticks, offset - Register.timer)
    default: 0
    }
  }

  private func setByte(_ offset: Int, _ value: UInt8) {
    switch offset {
    case Register.enable: enable = enable & 0xff00 | UInt16(value)
    case Register.enable + 1: enable = enable & 0x00ff | UInt16(value) << 8
    case Register.control: control = control & 0xff00 | UInt16(value)
    case Register.control + 1:
      // The bit that starts the sleep reads as zero.
      control = control & 0x00ff | (UInt16(value) << 8 & ~Control.sleep)
      let type = UInt8(control >> Control.typeShift & 7)
      if UInt16(value) << 8 & Control.sleep != 0, type == offType { powerOff() }
    default: break
    }
  }

  /// The timer, without an overflow of the product: whole seconds and the rest apart.
  private var ticks: UInt64 {
    let time = now()
    return time / 1_000_000_000 &* Self.frequency &+ time % 1_000_000_000 * Self.frequency / 1_000_000_000
  }

  private static func byte(_ value: UInt64, _ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: value >> UInt64(index * 8))
  }
}
