/// Doorbells that no eventfd took (§4.1.4.4).
final class VirtioPCINotification: BusDevice {
  private let device: any VirtioDevice

  init(_ device: any VirtioDevice) { self.device = device }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { 0 }
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    let queue = Int(offset / VirtioPCI.doorbellStride)
    if offset % VirtioPCI.doorbellStride == 0, queue < device.queueSizes.count { ring(device.doorbell(queue: queue)) }
  }
}
