import ProbeABI

/// The test device's register page: an echo register, and the switch of the interrupt service. Its doorbells never arrive
/// here: the kernel answers them.
public final class TestDevice: BusDevice {
  private let interruptPin: UInt32
  private let serve: (_ page: UInt64) -> Bool
  private var page: UInt32 = 0

  /// - Parameters:
  ///   - interruptPin: the IOAPIC pin that the service raises.
  ///   - serve: starts the service for a guest-physical page, or stops it (0); false when it cannot be had.
  public init(interruptPin: UInt32, serve: @escaping (_ page: UInt64) -> Bool) {
    self.interruptPin = interruptPin
    self.serve = serve
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    switch UInt32(offset) {
    case NM_TEST_MAGIC: UInt64(NM_TEST_MAGIC_VALUE)
    case NM_TEST_ECHO: UInt64(NM_ECHO_VALUE)
    case NM_TEST_IRQ_PAGE: UInt64(page)
    case NM_TEST_IRQ_GSI: UInt64(interruptPin)
    default: 0
    }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard UInt32(offset) == NM_TEST_IRQ_PAGE else { return }
    page = serve(value) ? UInt32(truncatingIfNeeded: value) : 0
  }
}
