import CProbe

/// virtio over MMIO, version 2 (virtio 1.2 §4.2).
struct VirtioMMIOTransport: VirtioTransport {
  static var name: StaticString { "virtio-mmio" }
  private let base: UInt64
  private let pin: UInt32
  private let interrupts: VirtioInterrupts

  private enum Register {
    static var magic: UInt64 { 0x000 }
    static var version: UInt64 { 0x004 }
    static var deviceID: UInt64 { 0x008 }
    static var deviceFeatures: UInt64 { 0x010 }
    static var deviceFeaturesSelect: UInt64 { 0x014 }
    static var driverFeatures: UInt64 { 0x020 }
    static var driverFeaturesSelect: UInt64 { 0x024 }
    static var queueSelect: UInt64 { 0x030 }
    static var queueMaximum: UInt64 { 0x034 }
    static var queueSize: UInt64 { 0x038 }
    static var queueReady: UInt64 { 0x044 }
    static var queueNotify: UInt64 { 0x050 }
    static var interruptAcknowledge: UInt64 { 0x064 }
    static var status: UInt64 { 0x070 }
    static var queueDescriptors: UInt64 { 0x080 }
    static var queueDriver: UInt64 { 0x090 }
    static var queueDevice: UInt64 { 0x0a0 }
    static var generation: UInt64 { 0x0fc }
    static var configuration: UInt64 { 0x100 }
  }

  /// The transport of a window; nil where it has no device of the type.
  init?(_ window: VirtioMMIOWindow, type: UInt16, _ interrupts: VirtioInterrupts) throws(DeviceError) {
    base = window.base
    pin = window.pin
    self.interrupts = interrupts
    guard base & 3 == 0, base <= 0xffff_ffff - 0x200, read(Register.magic) == 0x7472_6976,
      read(Register.deviceID) == UInt32(type)
    else { return nil }
    guard read(Register.version) == 2 else {
      throw DeviceError(reason: "the virtio-mmio device is a legacy one (version 1); version 2 is needed")
    }
    guard pin < 24 else {
      throw DeviceError(reason: "the virtio-mmio device's interrupt is beyond the first IOAPIC")
    }
  }

  private func read(_ register: UInt64) -> UInt32 { probe_mmio_read(base + register) }

  private func write(_ register: UInt64, _ value: UInt32) { probe_mmio_write(base + register, value) }

  private func write(_ register: UInt64, address: UInt64) {
    write(register, UInt32(truncatingIfNeeded: address))
    write(register + 4, UInt32(truncatingIfNeeded: address >> 32))
  }

  var status: UInt8 {
    get { UInt8(truncatingIfNeeded: read(Register.status)) }
    nonmutating set { write(Register.status, UInt32(newValue)) }
  }

  var offered: UInt64 {
    write(Register.deviceFeaturesSelect, 1)
    let high = UInt64(read(Register.deviceFeatures))
    write(Register.deviceFeaturesSelect, 0)
    return high << 32 | UInt64(read(Register.deviceFeatures))
  }

  func accept(_ features: UInt64) {
    for half: UInt32 in 0..<2 {
      write(Register.driverFeaturesSelect, half)
      write(Register.driverFeatures, UInt32(truncatingIfNeeded: features >> UInt64(32 * half)))
    }
  }

  func configuration(_ offset: UInt64) -> UInt32 { read(Register.configuration + offset) }

  var generation: UInt32 { read(Register.generation) }

  func queueMaximum(_ queue: UInt16) -> UInt16 {
    write(Register.queueSelect, UInt32(queue))
    return UInt16(clamping: read(Register.queueMaximum))
  }

  func startQueue(_ queue: UInt16, _ memory: VirtioQueueMemory) throws(DeviceError) -> VirtioQueueDoorbell {
    write(Register.queueSelect, UInt32(queue))
    guard read(Register.queueReady) == 0 else {
      throw DeviceError(reason: "the virtio-mmio device's queue is in use after its reset")
    }
    write(Register.queueSize, UInt32(memory.size))
    write(Register.queueDescriptors, address: UInt64(UInt(bitPattern: memory.descriptors)))
    write(Register.queueDriver, address: UInt64(UInt(bitPattern: memory.driver)))
    write(Register.queueDevice, address: UInt64(UInt(bitPattern: memory.device)))
    IOAPIC.route(pin: pin, to: interrupts.vector, processor: interrupts.destination)
    write(Register.queueReady, 1)
    return VirtioQueueDoorbell(queue: queue, address: base + Register.queueNotify, isShort: false)
  }

  var acknowledge: UInt64 { base + Register.interruptAcknowledge }
}
