/// The device's own configuration (§4.1.4.6).
final class VirtioPCIConfiguration: BusDevice {
  private let device: any VirtioDevice

  init(_ device: any VirtioDevice) { self.device = device }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { device.readConfiguration(offset, width: width) }
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    device.writeConfiguration(offset, width: width, value: value)
  }
}
