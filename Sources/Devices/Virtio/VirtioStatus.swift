/// Bits of the device status (virtio 1.2 §2.1).
public struct VirtioStatus: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public static let acknowledge = VirtioStatus(rawValue: 1)
  public static let driver = VirtioStatus(rawValue: 2)
  public static let driverOK = VirtioStatus(rawValue: 4)
  public static let featuresOK = VirtioStatus(rawValue: 8)
  public static let needsReset = VirtioStatus(rawValue: 64)
  public static let failed = VirtioStatus(rawValue: 128)
}
