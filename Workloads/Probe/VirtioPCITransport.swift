import CProbe
import PortIO
import ProbeABI

/// virtio over PCI without the legacy interface (virtio 1.2 §4.1): registers found through vendor capabilities, one
/// MSI-X message for all queues that one processor drives, else one for each.
struct VirtioPCITransport: VirtioTransport {
  static var name: StaticString { "virtio-pci" }
  private let location: PCILocation
  /// Where the parts of the interface are; physical addresses.
  private let common: UInt64
  private let notify: UInt64
  private let notifyMultiplier: UInt64
  private let device: UInt64
  private let interrupts: VirtioInterrupts
  /// The capability of MSI-X, its table, and the entries there.
  private let messages: UInt8
  private let vectors: UInt64
  private let vectorCount: UInt16

  private enum Part {
    static var common: UInt8 { 1 }
    static var notify: UInt8 { 2 }
    static var device: UInt8 { 4 }
  }

  private enum Register {
    static var deviceFeatureSelect: UInt64 { 0 }
    static var deviceFeature: UInt64 { 4 }
    static var driverFeatureSelect: UInt64 { 8 }
    static var driverFeature: UInt64 { 12 }
    static var configurationVector: UInt64 { 16 }
    static var status: UInt64 { 20 }
    static var generation: UInt64 { 21 }
    static var queueSelect: UInt64 { 22 }
    static var queueSize: UInt64 { 24 }
    static var queueVector: UInt64 { 26 }
    static var queueEnable: UInt64 { 28 }
    static var queueNotifyOffset: UInt64 { 30 }
    static var queueDescriptors: UInt64 { 32 }
    static var queueDriver: UInt64 { 40 }
    static var queueDevice: UInt64 { 48 }
  }

  /// The first virtio function of a type, modern or transitional; nil where there is none.
  /// - Parameter transitional: the type's identifier in a function that has the legacy interface too (§4.1.2.1).
  static func find(
    type: UInt16, transitional: UInt16, _ interrupts: VirtioInterrupts
  ) throws(DeviceError) -> VirtioPCITransport? {
    guard
      let location = PCIScan.find(vendor: 0x1af4, device: 0x1040 + type)
        ?? PCIScan.find(vendor: 0x1af4, device: transitional)
    else { return nil }
    return try VirtioPCITransport(location, interrupts)
  }

  private init(_ location: PCILocation, _ interrupts: VirtioInterrupts) throws(DeviceError) {
    self.location = location
    self.interrupts = interrupts
    location.enable()
    var places: (common: UInt64, notify: UInt64, device: UInt64) = (0, 0, 0)
    var multiplier: UInt64 = 0
    var capability = location.capability(0x09)
    var steps = 48
    while capability != 0, steps > 0 {
      steps -= 1
      // Of several capabilities of a type the first one that can be used counts (§4.1.4.1).
      switch location.read8(capability + 3) {
      case Part.common where places.common == 0: places.common = Self.address(location, capability)
      case Part.notify where places.notify == 0:
        places.notify = Self.address(location, capability)
        multiplier = UInt64(location.read32(capability + 16))
      case Part.device where places.device == 0: places.device = Self.address(location, capability)
      default: break
      }
      capability = location.capability(0x09, after: capability)
    }
    (common, notify, device) = places
    notifyMultiplier = multiplier
    guard common != 0, notify != 0, device != 0 else {
      throw DeviceError(reason: "the virtio-pci device has no modern interface below 4 GiB")
    }
    messages = location.capability(0x11)
    guard messages != 0 else { throw DeviceError(reason: "the virtio-pci device has no MSI-X") }
    let table = location.read32(messages + 4)
    let base = Self.base(location, UInt8(table & 7))
    guard base != 0 else { throw DeviceError(reason: "the virtio-pci device has its MSI-X table beyond 4 GiB") }
    vectors = base + UInt64(table & ~7)
    vectorCount = (location.read16(messages + 2) & 0x7ff) + 1
  }

  /// Has the message of a queue go to the processor that drives it.
  /// - Returns: the message's number; nil where the device has too few.
  private func route(_ queue: UInt16) -> UInt16? {
    let number = interrupts.processors > 1 ? queue : 0
    guard number < vectorCount else { return nil }
    let entry = vectors + 16 * UInt64(number)
    // All vectors masked while one is written.
    location.write16(messages + 2, location.read16(messages + 2) & 0x3fff | 0xc000)
    probe_mmio_write(entry, 0xfee0_0000 | interrupts.destination(of: queue) << 12)
    probe_mmio_write(entry + 4, 0)
    probe_mmio_write(entry + 8, interrupts.vector)
    probe_mmio_write(entry + 12, 0)
    location.write16(messages + 2, location.read16(messages + 2) & 0x3fff | 0x8000)
    return number
  }

  /// Where a base address register points; 0 for ports, for nothing, and for what is not below 4 GiB.
  private static func base(_ location: PCILocation, _ index: UInt8) -> UInt64 {
    guard index < 6 else { return 0 }
    let register = location.baseAddress(index)
    return register.isPorts || register.base > 0xffff_0000 ? 0 : register.base
  }

  /// What a vendor capability points to (§4.1.4), or 0.
  private static func address(_ location: PCILocation, _ capability: UInt8) -> UInt64 {
    let base = base(location, location.read8(capability + 4))
    let address = base + UInt64(location.read32(capability + 8))
    return base == 0 || address > 0xffff_f000 ? 0 : address
  }

  var status: UInt8 {
    get { nm_load8(pointer(Register.status)) }
    nonmutating set { nm_store8(pointer(Register.status), newValue) }
  }

  var offered: UInt64 {
    nm_store32(pointer(Register.deviceFeatureSelect), 1)
    let high = UInt64(nm_load32(pointer(Register.deviceFeature)))
    nm_store32(pointer(Register.deviceFeatureSelect), 0)
    return high << 32 | UInt64(nm_load32(pointer(Register.deviceFeature)))
  }

  func accept(_ features: UInt64) {
    for half: UInt32 in 0..<2 {
      nm_store32(pointer(Register.driverFeatureSelect), half)
      nm_store32(pointer(Register.driverFeature), UInt32(truncatingIfNeeded: features >> UInt64(32 * half)))
    }
  }

  func configuration(_ offset: UInt64) -> UInt32 { probe_mmio_read(device + offset) }

  var generation: UInt32 { UInt32(nm_load8(pointer(Register.generation))) }

  func queueMaximum(_ queue: UInt16) -> UInt16 {
    nm_store16(pointer(Register.queueSelect), queue)
    return nm_load16(pointer(Register.queueSize))
  }

  func startQueue(_ queue: UInt16, _ memory: VirtioQueueMemory) throws(DeviceError) -> VirtioQueueDoorbell {
    nm_store16(pointer(Register.configurationVector), 0xffff)
    nm_store16(pointer(Register.queueSelect), queue)
    guard nm_load16(pointer(Register.queueEnable)) == 0 else {
      throw DeviceError(reason: "the virtio-pci device's queue is in use after its reset")
    }
    nm_store16(pointer(Register.queueSize), memory.size)
    guard let message = route(queue) else {
      throw DeviceError(reason: "the virtio-pci device has fewer messages than queues")
    }
    nm_store16(pointer(Register.queueVector), message)
    guard nm_load16(pointer(Register.queueVector)) == message else {
      throw DeviceError(reason: "the virtio-pci device has no resources for an interrupt")
    }
    write(Register.queueDescriptors, UInt64(UInt(bitPattern: memory.descriptors)))
    write(Register.queueDriver, UInt64(UInt(bitPattern: memory.driver)))
    write(Register.queueDevice, UInt64(UInt(bitPattern: memory.device)))
    let offset = UInt64(nm_load16(pointer(Register.queueNotifyOffset))) * notifyMultiplier
    guard notify + offset <= 0xffff_fffc else {
      throw DeviceError(reason: "the virtio-pci device has its doorbell beyond 4 GiB")
    }
    nm_store16(pointer(Register.queueEnable), 1)
    return VirtioQueueDoorbell(queue: queue, address: notify + offset, isShort: true)
  }

  /// Interrupts are messages.
  var acknowledge: UInt64 { 0 }

  private func pointer(_ register: UInt64) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: UInt(common + register)).unsafelyUnwrapped
  }

  /// Drivers write 64-bit registers in halves (§4.1.3.1).
  private func write(_ register: UInt64, _ address: UInt64) {
    nm_store32(pointer(register), UInt32(truncatingIfNeeded: address))
    nm_store32(pointer(register + 4), UInt32(truncatingIfNeeded: address >> 32))
  }
}
