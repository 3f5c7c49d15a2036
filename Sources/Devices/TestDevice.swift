import ProbeABI

/// What raises the test device's interrupt.
public protocol TestInterrupts: AnyObject {
  /// Starts the service for a guest-physical page, or stops it (0); false when it cannot be had.
  func serve(_ page: UInt64) -> Bool
  /// TSC ticks from a request to its interrupt; `NM_TEST_IRQ_NEVER` for none.
  var delay: UInt32 { get set }
  /// Raises the interrupt at once.
  func raise()
}

/// The test device's register page: an echo register, and what belongs to the interrupt service. Its doorbells never arrive
/// here: the kernel answers them.
public final class TestDevice: BusDevice {
  private let interruptPin: UInt32
  private let service: any TestInterrupts
  private var page: UInt32 = 0

  /// - Parameters:
  ///   - interruptPin: the IOAPIC pin that the service raises.
  ///   - service: what raises it.
  public init(interruptPin: UInt32, service: any TestInterrupts) {
    self.interruptPin = interruptPin
    self.service = service
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    switch UInt32(offset) {
    case NM_TEST_MAGIC: UInt64(NM_TEST_MAGIC_VALUE)
    case NM_TEST_ECHO: UInt64(NM_ECHO_VALUE)
    case NM_TEST_IRQ_PAGE: UInt64(page)
    case NM_TEST_IRQ_GSI: UInt64(interruptPin)
    case NM_TEST_IRQ_DELAY: UInt64(service.delay)
    case NM_TEST_IRQ_RAISE: 1
    default: 0
    }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    switch UInt32(offset) {
    case NM_TEST_IRQ_PAGE: page = service.serve(value) ? UInt32(truncatingIfNeeded: value) : 0
    case NM_TEST_IRQ_DELAY: service.delay = UInt32(truncatingIfNeeded: value)
    case NM_TEST_IRQ_RAISE: service.raise()
    default: break
    }
  }
}

/// A port that answers reads with one value: what an exit to user space costs when the device costs nothing.
public final class EchoPort: BusDevice {
  public init() {}
  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { UInt64(NM_ECHO_VALUE) }
  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {}
}
