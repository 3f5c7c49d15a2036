/// The device's own configuration (§4.1.4.6).
final class VirtioPCIConfiguration: BusDevice {
  private let device: any VirtioDevice

  init(_ device: any VirtioDevice) { self.device = device }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { device.readConfiguration(offset, width: width) }
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    device.writeConfiguration(offset, width: width, value: value)
  }
}

/// The interrupt status byte: reading clears it (virtio 1.2 §4.1.4.5).
final class VirtioPCIInterruptStatus: BusDevice {
  private let interrupts: VirtioPCIInterrupts

  init(_ interrupts: VirtioPCIInterrupts) { self.interrupts = interrupts }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { offset == 0 ? UInt64(interrupts.takeStatus()) : 0 }
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {}
}

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
