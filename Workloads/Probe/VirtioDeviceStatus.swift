/// Bits of a virtio device's status (virtio 1.2 §2.1).
enum VirtioDeviceStatus {
  static var acknowledge: UInt8 { 1 }
  static var driver: UInt8 { 2 }
  static var driverOK: UInt8 { 4 }
  static var featuresOK: UInt8 { 8 }
  static var needsReset: UInt8 { 64 }
  static var failed: UInt8 { 128 }

  static var negotiated: UInt8 { acknowledge | driver | featuresOK }
}
