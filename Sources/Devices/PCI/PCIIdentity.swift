/// What a function says it is in its header (PCI 3.0 §6.2.1).
public struct PCIIdentity: Hashable, Sendable {
  public var vendor: UInt16
  public var device: UInt16
  /// Base class, sub-class and programming interface, from the high byte down: 0x010180 is a bus-mastering IDE
  /// controller.
  public var classCode: UInt32
  public var revision: UInt8
  public var subsystemVendor: UInt16
  public var subsystem: UInt16

  /// The class code of Ethernet controllers.
  public static let network: UInt32 = 0x02_0000

  public init(
    vendor: UInt16, device: UInt16, classCode: UInt32, revision: UInt8 = 0, subsystemVendor: UInt16 = 0,
    subsystem: UInt16 = 0
  ) {
    self.vendor = vendor
    self.device = device
    self.classCode = classCode
    self.revision = revision
    self.subsystemVendor = subsystemVendor
    self.subsystem = subsystem
  }
}
