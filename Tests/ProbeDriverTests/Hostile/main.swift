// A program of its own: the probe's virtio driver, compiled for the host, against devices that lie. The driver's
// addresses are this process's, as they are the guest's in a guest. Prints one line a scenario; crashes where the driver does.
import ProbeABI

/// Registers of a device that agrees to everything.
final class Registers {
  var status: UInt8 = 0
  var accepted: UInt64 = 0
  var memory: VirtioQueueMemory?
  var doorbell: UInt64 = 0
}

struct Transport: VirtioBlockTransport {
  static var name: StaticString { "hostile" }
  let registers: Registers
  let doorbell: UInt64
  var offered: UInt64 = VirtioBlockFeatures.always & ~(VirtioBlockFeatures.readOnly | VirtioBlockFeatures.sizeMaximum)
  var sectors: UInt32 = 1 << 15
  var queueMaximum: UInt16 = 64
  var acknowledge: UInt64 { 0 }
  var generation: UInt32 { 0 }
  var status: UInt8 {
    get { registers.status }
    nonmutating set { registers.status = newValue }
  }
  func accept(_ features: UInt64) { registers.accepted = features }
  func configuration(_ offset: UInt64) -> UInt32 { offset == 0 ? sectors : 0 }
  func startQueue(_ memory: VirtioQueueMemory) throws(VirtioBlockError) -> VirtioBlockDoorbell {
    registers.memory = memory
    return VirtioBlockDoorbell(address: doorbell, isShort: false)
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

  init(features: UInt64) throws(VirtioBlockError) {
    let size = 2 << 20
    memory = .allocate(byteCount: size, alignment: 4096)
    buffer = memory + 4096
    var region = Region(address: UInt64(UInt(bitPattern: memory + 8192)), count: UInt64(size - 8192))
    let transport = Transport(
      registers: registers, doorbell: UInt64(UInt(bitPattern: memory)), offered: VirtioBlockFeatures.version1 | features)
    driver = try VirtioBlockDriver(
      transport, offered: try transport.begin(tscKilohertz: 1_000_000), wanted: features, memory: &region,
      sleep: BlockSleep(vector: 0x32, tscKilohertz: 1_000_000))
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
      driver.reap($0.baseAddress!, 64, wait: false)
    }
    let words = completions.prefix(Int(count)).map { "\($0.tag):\($0.status)" }.joined(separator: " ")
    return "\(words) \(driver.isBroken ? "broken" : "whole")"
  }

  deinit { memory.deallocate() }
}

func tell<Queue: VirtioQueue>(_ type: Queue.Type, _ name: String, features: UInt64, _ scenario: String, _ lies: [Lie]) throws {
  var scene = try Scene<Queue>(features: features)
  precondition(scene.submit() == 0)
  scene.driver.kick()
  for lie in lies { scene.answer(lie) }
  print("\(name) \(scenario): \(scene.reap())")
}

func tellAll<Queue: VirtioQueue>(_ type: Queue.Type, _ name: String, features: UInt64, stride: UInt32) throws {
  func run(_ scenario: String, _ lies: Lie...) throws { try tell(type, name, features: features, scenario, lies) }
  let truth = 5 * stride
  try run("truth", Lie(identifier: truth, length: 513))
  try run("short length", Lie(identifier: truth, length: 0))
  try run("long length", Lie(identifier: truth, length: 514))
  try run("huge length", Lie(identifier: truth, length: .max))
  try run("failure", Lie(identifier: truth, length: 1, status: 1))
  try run("unknown status", Lie(identifier: truth, length: 513, status: 7))
  try run("no status", Lie(identifier: truth, length: 513, status: 0xff))
  try run("idle tag", Lie(identifier: truth + stride, length: 513))
  try run("tag beyond the queue", Lie(identifier: 60 * stride + 60, length: 513))
  try run("huge tag", Lie(identifier: .max, length: 513))
  try run("twice", Lie(identifier: truth, length: 513), Lie(identifier: truth, length: 513))
}

func tellRefusals() throws {
  var scene = try Scene<VirtioQueueSplit>(features: 0)
  let end = UInt64(1 << 24)
  print("refusal tag: \(scene.submit(tag: 21)) \(scene.submit(tag: .max))")
  print("refusal length: \(scene.submit(length: 0)) \(scene.submit(length: 100)) \(scene.submit(length: 5 << 20))")
  print("refusal place: \(scene.submit(offset: end)) \(scene.submit(offset: end - 512)) \(scene.submit(tag: 6, offset: .max - 511))")
  print("refusal twice: \(scene.submit())")
  print("refusal operation: \(scene.submit(tag: 6, operation: 9)) \(scene.submit(tag: 6, operation: 2, length: 0))")
  // A used index that runs ahead makes the driver look at entries that hold nothing.
  (scene.registers.memory!.device + 2).storeBytes(of: UInt16(0x8000), as: UInt16.self)
  print("index ahead: \(scene.reap())")
  print("refusal after: \(scene.submit(tag: 7))")
}

let indirect = VirtioBlockFeatures.indirect
try tellAll(VirtioQueueSplit.self, "split", features: 0, stride: 3)
try tellAll(VirtioQueueSplit.self, "split-events", features: VirtioBlockFeatures.eventIndex, stride: 3)
try tellAll(VirtioQueueSplit.self, "split-indirect", features: indirect, stride: 1)
try tellAll(VirtioQueuePacked.self, "packed-indirect", features: indirect | VirtioBlockFeatures.packed, stride: 1)
try tell(VirtioQueueSplit.self, "split", features: 0, "inside a chain", [Lie(identifier: 16, length: 513)])
try tell(
  VirtioQueuePacked.self, "packed", features: VirtioBlockFeatures.packed, "idle tag", [Lie(identifier: 6, length: 513)])
try tell(VirtioQueuePacked.self, "packed", features: VirtioBlockFeatures.packed, "huge tag", [Lie(identifier: .max, length: 1)])
try tellRefusals()
