/// virtio over PCI, modern only (virtio 1.2 §4.1): the capabilities, the register regions in base address 0, MSI-X, and an
/// interrupt line for drivers without it.
public final class VirtioPCI {
  /// The function for `PCIBus.attach`.
  public var function: PCIFunction { host.function }

  private let host: PCIDeviceFunction
  private let common: VirtioPCICommonRegisters

  /// Where things stand in base address 0.
  enum Region {
    static let size: UInt64 = 0x8000
    static let common: Range<UInt64> = 0x0000..<0x1000
    static let interruptStatus: Range<UInt64> = 0x1000..<0x2000
    static let configuration: Range<UInt64> = 0x2000..<0x3000
    static let notification: Range<UInt64> = 0x3000..<0x4000
    static let table: UInt64 = 0x4000
    static let pendingBits: UInt64 = 0x5000
  }
  /// Bytes between two queues' doorbells.
  static let doorbellStride: UInt64 = 4

  /// Types of the vendor capabilities (§4.1.4).
  private enum Capability {
    static let identifier: UInt8 = 0x09
    static let common: UInt8 = 1
    static let notification: UInt8 = 2
    static let interruptStatus: UInt8 = 3
    static let configuration: UInt8 = 4
    static let window: UInt8 = 5
  }

  /// Makes the function.
  /// - Parameters:
  ///   - device: whose registers they are.
  ///   - name: what messages call the function.
  ///   - classCode: what kind of device it shows itself as; 0x010000, mass storage, for virtio-blk.
  ///   - messages: where MSI-X vectors go: one for the configuration and one for each queue.
  ///   - line: INTA#, an edge-triggered input that is this device's alone; nil for a function without a line.
  public init(
    _ device: any VirtioDevice, name: String, classCode: UInt32, messages: any MessageInterrupts,
    line: (any InterruptLine)? = nil
  ) throws(BusOverlap) {
    let identity = Self.identity(deviceType: device.deviceType, classCode: classCode)
    let host = PCIDeviceFunction(identity, name: name, interruptPin: line == nil ? 0 : 1)
    let region = host.addRegion(bar: 0, size: Region.size)
    let queues = device.queueSizes.count
    let signals = try host.addMessageSignals(
      count: queues + 1, interrupts: messages, bar: 0, tableOffset: Region.table, pendingOffset: Region.pendingBits)
    let interrupts = VirtioPCIInterrupts(signals, queues: queues, line: line)
    let common = VirtioPCICommonRegisters(VirtioRegisters(device, interrupts: interrupts), interrupts)
    try region.attach(common, name: "\(name) common configuration", at: Region.common)
    try region.attach(
      VirtioPCIInterruptStatus(interrupts), name: "\(name) interrupt status", at: Region.interruptStatus)
    try region.attach(VirtioPCIConfiguration(device), name: "\(name) configuration", at: Region.configuration)
    try region.attach(VirtioPCINotification(device), name: "\(name) doorbells", at: Region.notification)
    self.host = host
    self.common = common
    addCapabilities(queues, region)
  }

  /// What a device is on PCI. Identifiers from 0x1040 up and revision 1 say "not transitional" (§4.1.2).
  public static func identity(deviceType: UInt16, classCode: UInt32) -> PCIIdentity {
    PCIIdentity(
      vendor: 0x1af4, device: 0x1040 + deviceType, classCode: classCode, revision: 1, subsystemVendor: 0x1af4,
      subsystem: 0x1100)
  }

  /// The notifications that an eventfd can take: any write to a queue's own address. Offsets count from base address 0.
  public var doorbells: [VirtioDoorbell] {
    common.registers.queues.indices.map { queue in
      VirtioDoorbell(
        queue: queue, offset: Region.notification.lowerBound + UInt64(queue) * Self.doorbellStride, width: nil,
        value: nil,
        event: common.registers.device.doorbell(queue: queue))
    }
  }

  private func addCapabilities(_ queues: Int, _ region: PCIRegionMap) {
    add(Capability.common, Region.common.lowerBound, 0x38)
    add(
      Capability.notification, Region.notification.lowerBound, UInt64(queues) * Self.doorbellStride,
      more: [UInt8(Self.doorbellStride), 0, 0, 0])
    add(Capability.interruptStatus, Region.interruptStatus.lowerBound, 1)
    add(Capability.configuration, Region.configuration.lowerBound, 0x1000)
    let window = add(Capability.window, 0, 0, more: [0, 0, 0, 0])
    function.overlay(VirtioPCIWindow(region), at: window + 4..<window + 20)
  }

  /// Adds a `struct virtio_pci_cap` for a place in base address 0 (§4.1.4).
  @discardableResult
  private func add(_ type: UInt8, _ offset: UInt64, _ length: UInt64, more: [UInt8] = []) -> Int {
    var body: [UInt8] = [UInt8(16 + more.count), type, 0, 0, 0, 0]
    for value in [offset, length] {
      for shift in stride(from: UInt64(0), to: 32, by: 8) { body.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    return host.addCapability(Capability.identifier, body: body + more)
  }
}
