import Devices
import GuestMemory

/// A transport's registers from the driver's side.
protocol TestAccess: AnyObject {
  var status: UInt8 { get set }
  /// Half 0 or 1 of the offered features.
  func offeredFeatures(_ half: UInt32) -> UInt32
  func setFeatures(_ half: UInt32, _ value: UInt32)
  /// Sets up a queue and returns whether the device took it.
  @discardableResult func enable(_ queue: UInt32, _ layout: VirtqueueLayout) -> Bool
  func notify(_ queue: UInt32)
  func configuration(_ offset: UInt64, _ width: AccessWidth) -> UInt64
  /// Interrupts so far.
  var interrupts: Int { get }
}
