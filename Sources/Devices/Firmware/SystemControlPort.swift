/// A PC's port 0x92 (IBM PS/2 Hardware Interface Technical Reference, "System Control Port A"): the address line 20, which is always
/// on here, and a reset.
public final class SystemControlPort: BusDevice {
  private enum Bit {
    static let reset: UInt8 = 0x01
    static let addressLine: UInt8 = 0x02
  }

  private var value = Bit.addressLine
  private let reset: () -> Void

  /// - Parameter reset: called when the guest resets the machine.
  public init(reset: @escaping () -> Void) {
    self.reset = reset
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { UInt64(value) }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    let rises = UInt8(truncatingIfNeeded: value) & ~self.value & Bit.reset != 0
    self.value = UInt8(truncatingIfNeeded: value) & (Bit.reset | Bit.addressLine)
    if rises { reset() }
  }
}
