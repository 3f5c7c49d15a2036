import CLinux
import Devices
import Glibc
import GuestMemory
import Storage
import Testing

/// A driver for virtio-blk over any transport, as a guest would write it: it sees registers and memory, nothing else.
final class TestGuest {
  static let base: UInt64 = 0x10000
  let memory: GuestMemory
  let device: VirtioBlock
  let access: any TestAccess
  private(set) var rings: [any TestRing] = []
  private(set) var features: VirtioFeatures = []
  private var nextHeader: UInt64 = 0x1000

  init(
    disk: BlockDisk, options: BlockOptions = BlockOptions(),
    _ makeAccess: (VirtioBlock) throws -> any TestAccess = {
      try TestMMIOAccess($0)
    }
  ) throws {
    memory = try GuestMemory(size: 8 << 20, hugePages: false)
    device = try VirtioBlock(memory: memory, disk: disk, options: options)
    access = try makeAccess(device)
  }

  var status: VirtioStatus { VirtioStatus(rawValue: access.status) }

  /// virtio 1.2 §3.1.1. Returns whether the device accepted the features.
  @discardableResult
  func negotiate(_ wanted: VirtioFeatures) -> Bool {
    features = wanted
    for status in [0, 1, 3] as [UInt8] { access.status = status }
    for half in 0..<2 as Range<UInt32> {
      access.setFeatures(half, UInt32(truncatingIfNeeded: wanted.rawValue >> (half * 32)))
    }
    access.status = 11
    return status.contains(.featuresOK)
  }

  func makeRing(_ queue: UInt32 = 0, size: UInt16 = 16) -> any TestRing {
    let at = Self.base + UInt64(queue) * 0x10000
    let eventIndex = features.contains(.eventIndex)
    return features.contains(.packedRing)
      ? TestPackedRing(memory, at: at, size: size, eventIndex: eventIndex)
      : TestSplitRing(memory, at: at, size: size, eventIndex: eventIndex)
  }

  /// Negotiates, sets up `queues` rings and starts.
  func start(_ wanted: VirtioFeatures, queues: UInt32 = 1, size: UInt16 = 16) throws {
    try #require(negotiate(wanted))
    rings = (0..<queues).map { makeRing($0, size: size) }
    for (queue, ring) in rings.enumerated() { access.enable(UInt32(queue), ring.layout) }
    access.status = 15
  }

  // MARK: requests

  /// One request's memory: a header of 16 bytes and a status byte behind it.
  struct Request {
    var id: UInt16
    var header: UInt64
    var status: UInt64 { header + 16 }
  }

  /// Adds a request with its data buffers and returns it. `header` and `status` may be split off into odd pieces.
  func add(
    _ type: UInt32, sector: UInt64, _ data: [TestBuffer], queue: Int = 0, indirect: Bool = false
  ) -> Request {
    let header = nextHeader
    nextHeader += 0x400
    if nextHeader >= 0x10000 { nextHeader = 0x1000 }
    memory.put(type, header)
    memory.put(UInt32(0), header + 4)
    memory.put(sector, header + 8)
    memory.put(UInt8(0xee), header + 16)
    let buffers =
      [TestBuffer(address: header, count: 16)] + data + [TestBuffer(address: header + 16, count: 1, writable: true)]
    return Request(id: rings[queue].add(buffers, indirectAt: indirect ? header + 0x40 : nil), header: header)
  }

  /// Whether both rings have room for another request, however its buffers lie.
  var canAdd: Bool { rings.allSatisfy { $0.room >= 5 } }

  /// Publishes what was added and rings where the device wants it.
  func kick(_ queue: Int = 0) {
    rings[queue].publish()
    if rings[queue].wantsDoorbell() { access.notify(UInt32(queue)) }
  }

  /// Waits for the next used buffer; nil after ten seconds, which no healthy device takes.
  func wait(_ queue: Int = 0) -> (id: UInt16, written: UInt32)? {
    for _ in 0..<200_000 {
      if let used = rings[queue].take() { return used }
      usleep(50)
    }
    return nil
  }

  /// Runs one request to its end and returns its status.
  func run(
    _ type: UInt32, sector: UInt64, _ data: [TestBuffer], queue: Int = 0, indirect: Bool = false
  ) throws -> UInt8 {
    let request = add(type, sector: sector, data, queue: queue, indirect: indirect)
    kick(queue)
    let used = try #require(wait(queue), "the device answers")
    #expect(used.id == request.id)
    return memory.get(request.status)
  }
}
