import ProbeABI

/// Registers of a device that agrees to everything.
final class Registers {
  var status: UInt8 = 0
  var accepted: UInt64 = 0
  var memory: VirtioQueueMemory?
  var doorbell: UInt64 = 0
}

struct Transport: VirtioTransport {
  static var name: StaticString { "hostile" }
  let registers: Registers
  let doorbell: UInt64
  var offered: UInt64 = VirtioBlockFeatures.always & ~(VirtioBlockFeatures.readOnly | VirtioBlockFeatures.sizeMaximum)
  var sectors: UInt32 = 1 << 15
  var maximum: UInt16 = 64
  var acknowledge: UInt64 { 0 }
  var generation: UInt32 { 0 }
  var status: UInt8 {
    get { registers.status }
    nonmutating set { registers.status = newValue }
  }
  func accept(_ features: UInt64) { registers.accepted = features }
  func configuration(_ offset: UInt64) -> UInt32 { offset == 0 ? sectors : 0 }
  func queueMaximum(_ queue: UInt16) -> UInt16 { queue == 0 ? maximum : 0 }
  func startQueue(_ queue: UInt16, _ memory: VirtioQueueMemory) throws(DeviceError) -> VirtioQueueDoorbell {
    registers.memory = memory
    return VirtioQueueDoorbell(queue: queue, address: doorbell, isShort: false)
  }
}

/// What a device says in the next place of its ring.
struct Lie {
  var identifier: UInt32
  var length: UInt32
  var status: UInt8 = 0
}

/// A driver, a device's side of the memory, and one request in flight under tag 5.
struct Scene<Queue: VirtioQueue>: ~Copyable {
  var driver: VirtioBlockDriver<Queue>
  let registers = Registers()
  let memory: UnsafeMutableRawPointer
  let buffer: UnsafeMutableRawPointer
  var place = 0

  init(features: UInt64, queueMaximum: UInt16 = 64) throws(DeviceError) {
    let size = 2 << 20
    memory = .allocate(byteCount: size, alignment: 4096)
    buffer = memory + 4096
    var region = Region(address: UInt64(UInt(bitPattern: memory + 8192)), count: UInt64(size - 8192))
    let transport = Transport(
      registers: registers, doorbell: UInt64(UInt(bitPattern: memory)),
      offered: VirtioFeatures.version1 | features, maximum: queueMaximum)
    let disk = try VirtioBlockDisk(
      transport, offered: try transport.begin(tscKilohertz: 1_000_000), wanted: features)
    driver = try VirtioBlockDriver(
      transport, disk, queue: 0, descriptors: .max, memory: &region,
      sleep: DeviceSleep(vector: 0x32, tscKilohertz: 1_000_000))
    try transport.finish()
  }

  mutating func submit(tag: UInt16 = 5, operation: UInt16 = 0, length: UInt32 = 512, offset: UInt64 = 0) -> Int32 {
    driver.submit(
      nm_block_request(offset: offset, buffer: buffer, length: length, operation: operation, tag: tag))
  }

  /// The device's answer, right or wrong.
  mutating func answer(_ lie: Lie) {
    let ring = registers.memory!
    let slot = driver.slots + 5 * VirtioBlockSlot.size + VirtioBlockSlot.status
    UnsafeMutablePointer<UInt8>(bitPattern: UInt(slot))!.pointee = lie.status
    if Queue.isPacked {
      let word = UInt64(lie.length) | UInt64(lie.identifier & 0xffff) << 32 | 0x8080 << 48
      ring.descriptors[place * 2 + 1] = word
    } else {
      (ring.device + 4 + place * 8).storeBytes(of: lie.identifier, as: UInt32.self)
      (ring.device + 8 + place * 8).storeBytes(of: lie.length, as: UInt32.self)
      (ring.device + 2).storeBytes(of: UInt16(place + 1), as: UInt16.self)
    }
    place += 1
  }

  /// What the driver makes of it: completions as tag:status, then whether it goes on.
  mutating func reap() -> String {
    var completions = [nm_block_completion](repeating: nm_block_completion(), count: 64)
    let count = completions.withUnsafeMutableBufferPointer {
      driver.harvest($0.baseAddress!, 64)
    }
    let words = completions.prefix(Int(count)).map { "\($0.tag):\($0.status)" }.joined(separator: " ")
    return "\(words) \(driver.isBroken ? "broken" : "whole")"
  }

  /// Tags of what has completed, in order.
  mutating func harvest() -> [UInt16] {
    var completions = [nm_block_completion](repeating: nm_block_completion(), count: 64)
    let count = completions.withUnsafeMutableBufferPointer { driver.harvest($0.baseAddress!, 64) }
    return completions.prefix(Int(count)).map(\.tag)
  }

  deinit { memory.deallocate() }
}
