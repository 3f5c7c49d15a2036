import ProbeABI

/// Registers of a network interface that agrees to everything, by queue.
final class NetRegisters {
  var status: UInt8 = 0
  var memory: [UInt16: VirtioQueueMemory] = [:]
}

struct NetTransport: VirtioTransport {
  static var name: StaticString { "hostile" }
  let registers: NetRegisters
  let doorbell: UInt64
  let offered: UInt64
  var acknowledge: UInt64 { 0 }
  var generation: UInt32 { 0 }
  var status: UInt8 {
    get { registers.status }
    nonmutating set { registers.status = newValue }
  }
  func accept(_ features: UInt64) {}
  func configuration(_ offset: UInt64) -> UInt32 { 0 }
  func queueMaximum(_ queue: UInt16) -> UInt16 { queue < 2 ? 8 : 0 }
  func startQueue(_ queue: UInt16, _ memory: VirtioQueueMemory) throws(DeviceError) -> VirtioQueueDoorbell {
    registers.memory[queue] = memory
    return VirtioQueueDoorbell(queue: queue, address: doorbell, isShort: false)
  }
}

/// A net driver with eight receive buffers, and a device's side of its rings.
struct NetScene<Queue: VirtioQueue>: ~Copyable {
  var driver: VirtioNetDriver<Queue>
  private let registers = NetRegisters()
  private let memory: UnsafeMutableRawPointer
  private var places: [UInt16: Int] = [:]
  private var frames = [nm_net_frame](repeating: nm_net_frame(), count: 16)

  init(_ features: UInt64) throws(DeviceError) {
    let size = 4 << 20
    memory = .allocate(byteCount: size, alignment: 4096)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    var region = Region(address: UInt64(UInt(bitPattern: memory + 8192)), count: UInt64(size - 8192))
    let transport = NetTransport(
      registers: registers, doorbell: UInt64(UInt(bitPattern: memory)), offered: VirtioFeatures.version1 | features)
    driver = try VirtioNetDriver(
      transport, offered: try transport.begin(tscKilohertz: 1_000_000), wanted: features, memory: &region,
      sleep: DeviceSleep(vector: 0x34, tscKilohertz: 1_000_000))
  }

  deinit { memory.deallocate() }

  /// Returns a chain in the next place of a ring; what is sent has two parts, what is received one.
  mutating func answer(_ queue: UInt16, identifier: UInt32, length: UInt32) {
    let ring = registers.memory[queue]!
    let place = places[queue, default: 0]
    if Queue.isPacked {
      // The used flags of the first round, then of the second.
      let flags: UInt64 = place / Int(ring.size) % 2 == 0 ? 0x8080 : 0
      let word = UInt64(length) | UInt64(identifier & 0xffff) << 32 | flags << 48
      ring.descriptors[place % Int(ring.size) * 2 + 1] = word
    } else {
      let entry = ring.device + 4 + place % Int(ring.size) * 8
      entry.storeBytes(of: identifier, as: UInt32.self)
      (entry + 4).storeBytes(of: length, as: UInt32.self)
      (ring.device + 2).storeBytes(of: UInt16(place + 1), as: UInt16.self)
    }
    places[queue] = place + (Queue.isPacked && queue == 1 ? 2 : 1)
  }

  /// Writes the header's number of buffers into a receive buffer.
  func head(_ index: UInt16, buffers: UInt16) {
    let place = UnsafeMutableRawPointer(bitPattern: UInt(driver.buffers.address(index)))!
    place.storeBytes(of: buffers, toByteOffset: 10, as: UInt16.self)
  }

  /// What the driver makes of it: lengths of frames, then whether it goes on.
  mutating func receive() -> String {
    let count = frames.withUnsafeMutableBufferPointer { driver.receive($0.baseAddress!, 16, wait: false) }
    let words = frames.prefix(Int(count)).map { "\($0.length)" }
    return (words + [driver.isBroken ? "broken" : "whole"]).joined(separator: " ")
  }

  mutating func send(tag: UInt16 = 1, length: UInt32 = 60, change: (inout nm_net_frame) -> Void = { _ in }) -> Int32 {
    var frame = nm_net_frame()
    frame.data = memory + 4096
    frame.length = length
    frame.tag = tag
    change(&frame)
    return driver.send(frame)
  }

  mutating func sent() -> String {
    var tags = [UInt16](repeating: 0, count: 16)
    let count = driver.sent(&tags, 16, wait: false)
    return (tags.prefix(Int(count)).map { "\($0)" } + [driver.isBroken ? "broken" : "whole"]).joined(separator: " ")
  }
}

/// Tells what the driver makes of returned buffers and of frames to send.
func tellNet<Queue: VirtioQueue>(_ type: Queue.Type, _ name: String, _ features: UInt64) throws {
  let isMergeable = features & VirtioNetFeatures.mergeable != 0
  func receive(_ scenario: String, _ buffers: UInt16, _ answers: (UInt32, UInt32)...) throws {
    var scene = try NetScene<Queue>(features)
    scene.head(UInt16(truncatingIfNeeded: answers[0].0 & 7), buffers: buffers)
    for (identifier, length) in answers { scene.answer(0, identifier: identifier, length: length) }
    print("\(name) \(scenario): \(scene.receive())")
  }
  try receive("truth", 1, (0, 72))
  try receive("no frame", 1, (0, 25))
  try receive("longer than its buffer", 1, (0, 4097))
  try receive("huge length", 1, (0, .max))
  try receive("no such buffer", 1, (8, 72))
  try receive("huge identifier", 1, (.max, 72))
  if isMergeable {
    try receive("in two", 2, (0, 4096), (1, 100))
    try receive("in none", 0, (0, 72))
    try receive("cut short", 3, (0, 4096), (1, 100))
    try receive("with a hole", 2, (0, 100), (1, 100))
    try receive("out of order", 2, (0, 4096), (2, 100))
    try receive("in more than there are", 9, (0, 4096), (1, 4096))
    try receive("around the end", 2, (7, 4096), (0, 100))
  }
  var scene = try NetScene<Queue>(features)
  print("\(name) refusals: \(scene.send(tag: 99)) \(scene.send(length: 13)) \(scene.send(length: 1515))")
  print("\(name) offloads: \(scene.send { $0.flags = 1 }) \(scene.send { $0.segment_size = 9 })")
  print("\(name) twice: \(scene.send()) \(scene.send())")
  scene.answer(1, identifier: Queue.isPacked ? 1 : 2, length: 0)
  print("\(name) left: \(scene.sent())")
  scene.answer(1, identifier: Queue.isPacked ? 1 : 2, length: 0)
  print("\(name) left again: \(scene.sent()) \(scene.send(tag: 2))")
  // Around the ring of buffers several times, each given back.
  var round = try NetScene<Queue>(features)
  var seen = ""
  for index in 0..<50 {
    round.head(UInt16(index % 8), buffers: 1)
    round.answer(0, identifier: UInt32(index % 8), length: UInt32(72 + index))
    seen = round.receive()
    round.driver.release(1)
  }
  print("\(name) fifty: \(seen)")
}
