import Devices
import GuestMemory
import Storage
import Testing

/// A driver for virtio-blk.
final class BlockGuest: TestDriver {
  let device: VirtioBlock
  private var nextHeader: UInt64 = 0x1000

  init(
    disk: BlockDisk, options: BlockOptions = BlockOptions(), ram: UInt64 = 8 << 20,
    _ makeAccess: (VirtioBlock) throws -> any TestAccess = {
      try TestMMIOAccess($0)
    }
  ) throws {
    let memory = try GuestMemory(size: ram, hugePages: false)
    device = try VirtioBlock(memory: memory, disk: disk, options: options)
    super.init(memory, try makeAccess(device))
  }

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

  /// Runs one request to its end and returns its status.
  func run(
    _ type: UInt32, sector: UInt64, _ data: [TestBuffer], queue: Int = 0, indirect: Bool = false
  ) throws -> UInt8 {
    let request = add(type, sector: sector, data, queue: queue, indirect: indirect)
    kick(queue)
    let used = try #require(wait(queue), "the device answers")
    try #require(used.id == request.id)
    return memory.get(request.status)
  }
}
