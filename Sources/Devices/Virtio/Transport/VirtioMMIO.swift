import Synchronization

/// virtio over MMIO, version 2 (virtio 1.2 §4.2): the registers of one device in a page or less.
public final class VirtioMMIO: BusDevice {
  /// Bytes of the register range.
  public static let size: UInt64 = 0x200

  private let registers: VirtioRegisters
  private let interrupts: Interrupts
  private let vendor: UInt32 = 0x4d4e_454d

  /// The interrupt status register and the line behind it.
  private final class Interrupts: VirtioInterrupts {
    let status = Atomic<UInt32>(0)
    private let line: any InterruptLine

    init(_ line: any InterruptLine) { self.line = line }

    func buffersUsed(in queue: Int) { raise(1) }
    func configurationChanged() { raise(2) }

    private func raise(_ bit: UInt32) {
      status.bitwiseOr(bit, ordering: .sequentiallyConsistent)
      line.pulse()
    }
  }

  /// - Parameters:
  ///   - device: whose registers they are.
  ///   - line: an edge-triggered input of the interrupt controller that is this device's alone.
  public init(_ device: any VirtioDevice, line: any InterruptLine) {
    interrupts = Interrupts(line)
    registers = VirtioRegisters(device, interrupts: interrupts)
  }

  /// The notifications that an eventfd can take: a 32-bit write of the queue's number.
  public var doorbells: [VirtioDoorbell] {
    registers.queues.indices.map { queue in
      VirtioDoorbell(
        queue: queue, offset: Register.queueNotify, width: .long, value: UInt64(queue),
        event: registers.device.doorbell(queue: queue))
    }
  }

  private enum Register {
    static let magic: UInt64 = 0x000
    static let version: UInt64 = 0x004
    static let deviceID: UInt64 = 0x008
    static let vendorID: UInt64 = 0x00c
    static let deviceFeatures: UInt64 = 0x010
    static let deviceFeaturesSelect: UInt64 = 0x014
    static let driverFeatures: UInt64 = 0x020
    static let driverFeaturesSelect: UInt64 = 0x024
    static let queueSelect: UInt64 = 0x030
    static let queueSizeMaximum: UInt64 = 0x034
    static let queueSize: UInt64 = 0x038
    static let queueReady: UInt64 = 0x044
    static let queueNotify: UInt64 = 0x050
    static let interruptStatus: UInt64 = 0x060
    static let interruptAcknowledge: UInt64 = 0x064
    static let status: UInt64 = 0x070
    static let queueDescriptorLow: UInt64 = 0x080
    static let queueDescriptorHigh: UInt64 = 0x084
    static let queueDriverLow: UInt64 = 0x090
    static let queueDriverHigh: UInt64 = 0x094
    static let queueDeviceLow: UInt64 = 0x0a0
    static let queueDeviceHigh: UInt64 = 0x0a4
    static let sharedMemoryLengthLow: UInt64 = 0x0b0
    static let sharedMemoryBaseHigh: UInt64 = 0x0bc
    static let configurationGeneration: UInt64 = 0x0fc
    static let configuration: UInt64 = 0x100
  }

  /// Registers are 32 bits wide and read as zero in any other width; the configuration takes every width (§4.2.2.2).
  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    if offset >= Register.configuration {
      return registers.device.readConfiguration(offset - Register.configuration, width: width)
    }
    guard width == .long else { return 0 }
    switch offset {
    case Register.magic: return 0x7472_6976
    case Register.version: return 2
    case Register.deviceID: return UInt64(registers.device.deviceType)
    case Register.vendorID: return UInt64(vendor)
    case Register.deviceFeatures: return UInt64(registers.selectedDeviceFeatures)
    case Register.queueSizeMaximum: return UInt64(registers.selectedQueue?.maximum ?? 0)
    case Register.queueReady: return registers.selectedQueue?.isReady == true ? 1 : 0
    case Register.interruptStatus: return UInt64(interrupts.status.load(ordering: .acquiring))
    case Register.status: return UInt64(registers.visibleStatus.rawValue)
    // A shared memory region that does not exist has a length and a base of all ones.
    case Register.sharedMemoryLengthLow...Register.sharedMemoryBaseHigh: return 0xffff_ffff
    case Register.configurationGeneration: return 0
    default: return 0
    }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    if offset >= Register.configuration {
      return registers.device.writeConfiguration(offset - Register.configuration, width: width, value: value)
    }
    guard width == .long else { return }
    let value = UInt32(truncatingIfNeeded: value)
    switch offset {
    case Register.deviceFeaturesSelect: registers.deviceFeatureSelect = value
    case Register.driverFeatures: registers.selectedDriverFeatures = value
    case Register.driverFeaturesSelect: registers.driverFeatureSelect = value
    case Register.queueSelect: registers.queueSelect = UInt16(clamping: value)
    case Register.queueSize: registers.configureQueue { $0.size = UInt16(clamping: value) }
    case Register.queueReady: registers.setReady(value & 1 != 0)
    case Register.queueNotify: notify(value)
    case Register.interruptAcknowledge: interrupts.status.bitwiseAnd(~value, ordering: .sequentiallyConsistent)
    case Register.status: setStatus(value)
    default: writeAddress(offset, value)
    }
  }

  private func setStatus(_ value: UInt32) {
    registers.setStatus(UInt8(truncatingIfNeeded: value))
    if value & 0xff == 0 { interrupts.status.store(0, ordering: .sequentiallyConsistent) }
  }

  private func writeAddress(_ offset: UInt64, _ value: UInt32) {
    registers.configureQueue { queue in
      switch offset {
      case Register.queueDescriptorLow: queue.descriptorArea.setHalf(0, value)
      case Register.queueDescriptorHigh: queue.descriptorArea.setHalf(1, value)
      case Register.queueDriverLow: queue.driverArea.setHalf(0, value)
      case Register.queueDriverHigh: queue.driverArea.setHalf(1, value)
      case Register.queueDeviceLow: queue.deviceArea.setHalf(0, value)
      case Register.queueDeviceHigh: queue.deviceArea.setHalf(1, value)
      default: break
      }
    }
  }

  /// A doorbell that no eventfd took.
  private func notify(_ queue: UInt32) {
    guard Int(queue) < registers.queues.count else { return }
    ring(registers.device.doorbell(queue: Int(queue)))
  }
}
