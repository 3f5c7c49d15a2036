/// The common configuration structure (virtio 1.2 §4.1.4.3). Fields are read at any width inside one field; they are written at
/// their own width, 64-bit ones also in halves.
final class VirtioPCICommonRegisters: BusDevice {
  let registers: VirtioRegisters
  private let interrupts: VirtioPCIInterrupts

  init(_ registers: VirtioRegisters, _ interrupts: VirtioPCIInterrupts) {
    self.registers = registers
    self.interrupts = interrupts
  }

  private enum Field: UInt64 {
    case deviceFeatureSelect = 0x00
    case deviceFeature = 0x04
    case driverFeatureSelect = 0x08
    case driverFeature = 0x0c
    case configurationVector = 0x10
    case queueCount = 0x12
    case status = 0x14
    case generation = 0x15
    case queueSelect = 0x16
    case queueSize = 0x18
    case queueVector = 0x1a
    case queueEnable = 0x1c
    case queueDoorbell = 0x1e
    case queueDescriptors = 0x20
    case queueDriver = 0x28
    case queueDevice = 0x30

    var width: UInt64 {
      switch self {
      case .deviceFeatureSelect, .deviceFeature, .driverFeatureSelect, .driverFeature: 4
      case .status, .generation: 1
      case .queueDescriptors, .queueDriver, .queueDevice: 8
      default: 2
      }
    }

    /// The field that an offset lies in.
    static func at(_ offset: UInt64) -> Field? {
      for distance in 0...min(7, offset) {
        if let field = Field(rawValue: offset - distance) { return distance < field.width ? field : nil }
      }
      return nil
    }
  }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    guard let field = Field.at(offset) else { return 0 }
    return value(field) >> ((offset - field.rawValue) * 8) & width.mask
  }

  private func value(_ field: Field) -> UInt64 {
    switch field {
    case .deviceFeatureSelect: UInt64(registers.deviceFeatureSelect)
    case .deviceFeature: UInt64(registers.selectedDeviceFeatures)
    case .driverFeatureSelect: UInt64(registers.driverFeatureSelect)
    case .driverFeature: UInt64(registers.selectedDriverFeatures)
    case .configurationVector: UInt64(interrupts.configuration)
    case .queueCount: UInt64(registers.queues.count)
    case .status: UInt64(registers.visibleStatus.rawValue)
    case .generation: 0
    case .queueSelect: UInt64(registers.queueSelect)
    case .queueSize: UInt64(registers.selectedQueue?.size ?? 0)
    case .queueVector: UInt64(interrupts[queue: Int(registers.queueSelect)])
    case .queueEnable: registers.selectedQueue?.isReady == true ? 1 : 0
    case .queueDoorbell: registers.selectedQueue == nil ? 0 : UInt64(registers.queueSelect)
    case .queueDescriptors: registers.selectedQueue?.descriptorArea ?? 0
    case .queueDriver: registers.selectedQueue?.driverArea ?? 0
    case .queueDevice: registers.selectedQueue?.deviceArea ?? 0
    }
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard let field = Field.at(offset) else { return }
    if field.width == 8 { return writeAddress(field, offset - field.rawValue, width, value) }
    guard offset == field.rawValue, field.width == width.rawValue else { return }
    let word = UInt16(truncatingIfNeeded: value)
    switch field {
    case .deviceFeatureSelect: registers.deviceFeatureSelect = UInt32(truncatingIfNeeded: value)
    case .driverFeatureSelect: registers.driverFeatureSelect = UInt32(truncatingIfNeeded: value)
    case .driverFeature: registers.selectedDriverFeatures = UInt32(truncatingIfNeeded: value)
    case .configurationVector: interrupts.configuration = word
    case .status: setStatus(UInt8(truncatingIfNeeded: value))
    case .queueSelect: registers.queueSelect = word
    case .queueSize: registers.configureQueue { $0.size = word }
    case .queueVector: interrupts[queue: Int(registers.queueSelect)] = word
    // A queue is enabled by 1; only a reset disables it.
    case .queueEnable: if word == 1 { registers.setReady(true) }
    default: break
    }
  }

  private func setStatus(_ value: UInt8) {
    registers.setStatus(value)
    if value == 0 { interrupts.reset() }
  }

  private func writeAddress(_ field: Field, _ inside: UInt64, _ width: AccessWidth, _ value: UInt64) {
    registers.configureQueue { queue in
      func change(_ address: inout UInt64) {
        switch (width, inside) {
        case (.quad, 0): address = value
        case (.long, 0): address.setHalf(0, UInt32(truncatingIfNeeded: value))
        case (.long, 4): address.setHalf(1, UInt32(truncatingIfNeeded: value))
        default: break
        }
      }
      switch field {
      case .queueDescriptors: change(&queue.descriptorArea)
      case .queueDriver: change(&queue.driverArea)
      default: change(&queue.deviceArea)
      }
    }
  }
}
