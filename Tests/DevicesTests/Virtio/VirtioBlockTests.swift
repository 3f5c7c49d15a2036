import CLinux
import Devices
import Glibc
import GuestMemory
import LinuxSystem
import Storage
import TestSupport
import Testing

/// virtio-blk over MMIO, from registers to bytes, on real engines.
@Suite(.serialized) struct VirtioBlockTests {
  static let size: UInt64 = 4 << 20
  static let data: UInt64 = 0x40_0000
  static let all: VirtioFeatures = [
    .version1, .indirectDescriptors, .eventIndex, .blockFlush, .blockDiscard, .blockWriteZeroes,
  ]
  static let variants: [Variant] = [false, true].flatMap { packed in
    [false, true].flatMap { polled in
      ["memory", "file", "direct"].map { Variant(backing: $0, packed: packed, polled: polled) }
    }
  }

  struct Variant: Sendable, CustomStringConvertible {
    var backing: String
    var packed: Bool
    var polled: Bool
    var features: VirtioFeatures { packed ? VirtioBlockTests.all.union(.packedRing) : VirtioBlockTests.all }
    var mode: ServiceMode { polled ? .polled() : .notified }
    var description: String { "\(backing), \(packed ? "packed" : "split"), \(polled ? "polled" : "notified")" }
  }

  /// A started guest on a prepared disk of one kind.
  static func withGuest(
    _ variant: Variant, seed: UInt64 = 1, options: BlockOptions = BlockOptions(), size: UInt16 = 16,
    _ body: (BlockGuest, TestDisk) throws -> Void
  ) throws {
    let disk = try TestDisk(variant.backing, size: Self.size, seed: seed)
    let guest = try BlockGuest(disk: BlockDisk(capacity: Self.size, identity: "disk-7"), options: options)
    let specification = disk.specification
    let service = try TestService(guest.device, mode: variant.mode) { try specification.open() }
    defer { service.end() }
    try guest.start(variant.features, queues: UInt32(options.queues), size: size)
    try body(guest, disk)
  }

  @Test(arguments: variants)
  func everySectorReadsAsPreparedAndWritesComeBack(variant: Variant) throws {
    try Self.withGuest(variant) { guest, _ in
      for index in 0..<200 as Range<UInt64> {
        let sector = index * 37 % (Self.size / 512 - 128)
        let count = UInt32(index % 16 + 1) * 512
        let buffer = [TestBuffer(address: Self.data, count: count, writable: true)]
        try #expect(guest.run(0, sector: sector, buffer, indirect: index % 3 == 0) == 0)
        let bytes = unsafe UnsafeRawBufferPointer(guest.memory.bytes(Self.data, Int(count)))
        #expect(unsafe DiskPattern.firstMismatch(in: bytes, firstSector: sector, seed: 1) == nil)
      }
      let bytes = unsafe guest.memory.bytes(Self.data, 65536)
      unsafe DiskPattern.fill(bytes, firstSector: 64, seed: 1, generation: 9)
      try #expect(guest.run(1, sector: 64, [TestBuffer(address: Self.data, count: 65536)]) == 0)
      try #expect(guest.run(4, sector: 0, []) == 0)
      unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      try #expect(guest.run(0, sector: 64, [TestBuffer(address: Self.data, count: 65536, writable: true)]) == 0)
      let back = unsafe DiskPattern.firstMismatch(
        in: UnsafeRawBufferPointer(bytes), firstSector: 64, seed: 1, generation: 9)
      #expect(back == nil)
      #expect(guest.device.counters[.reads] == 201)
      #expect(guest.device.counters[.writes] == 1)
      #expect(guest.device.counters[.flushes] == 1)
      #expect(guest.device.counters[.errors] == 0)
      #expect(guest.device.counters[.bytesWritten] == 65536)
    }
  }

  @Test(arguments: variants)
  func scatteredBuffersOfAnyShapeCarryTheRightBytes(variant: Variant) throws {
    try Self.withGuest(variant) { guest, _ in
      let shapes: [[UInt32]] = [
        [512, 1024, 512], [1, 511], [700, 24, 300], [4096, 4096], [513, 1000, 535], [512, 3, 509],
      ]
      for (index, shape) in shapes.enumerated() {
        let total = Int(shape.reduce(0, +))
        let sector = UInt64(index * 16)
        // Pieces stand apart, at odd addresses, so that none can be merged.
        var address = Self.data + 3
        var buffers = [TestBuffer]()
        for count in shape {
          buffers.append(TestBuffer(address: address, count: count, writable: true))
          address += UInt64(count) + 77
        }
        try #expect(guest.run(0, sector: sector, buffers) == 0, "\(shape)")
        var bytes = [UInt8]()
        for buffer in buffers { unsafe bytes += guest.memory.bytes(buffer.address, Int(buffer.count)) }
        #expect(bytes.count == total)
        #expect(
          unsafe bytes.withUnsafeBytes { unsafe DiskPattern.firstMismatch(in: $0, firstSector: sector, seed: 1) } == nil
        )
        for buffer in buffers {
          let bytes = unsafe guest.memory.bytes(buffer.address, Int(buffer.count))
          for byte in bytes.indices { unsafe bytes[byte] = ~bytes[byte] }
        }
        for index in buffers.indices { buffers[index].writable = false }
        try #expect(guest.run(1, sector: sector, buffers) == 0)
        try #expect(
          guest.run(0, sector: sector, [TestBuffer(address: 0x70_0000, count: UInt32(total), writable: true)]) == 0)
        #expect(unsafe guest.memory.bytes(0x70_0000, total).elementsEqual(bytes.map { ~$0 }))
      }
    }
  }

  @Test(arguments: variants)
  func manyRequestsInFlightOverTwoQueuesEachGetTheirOwnBytes(variant: Variant) throws {
    try Self.withGuest(variant, options: BlockOptions(queues: 2), size: 64) { guest, _ in
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<20 {
        var expected = [[UInt16: (UInt64, UInt64)]](repeating: [:], count: 2)
        for index in 0..<32 {
          let queue = index & 1
          let sector = UInt64.random(in: 0..<(Self.size / 512 - 8), using: &generator)
          let address = Self.data + UInt64(index) * 4096
          let request = guest.add(
            0, sector: sector, [TestBuffer(address: address, count: 4096, writable: true)], queue: queue)
          expected[queue][request.id] = (sector, address)
          if index % 5 == 0 { guest.kick(queue) }
        }
        for queue in 0..<2 {
          guest.kick(queue)
          while !expected[queue].isEmpty {
            let used = try #require(guest.wait(queue))
            let found = expected[queue].removeValue(forKey: used.id)
            let (sector, address) = try #require(found)
            #expect(used.written == 4097)
            let bytes = unsafe UnsafeRawBufferPointer(guest.memory.bytes(address, 4096))
            #expect(unsafe DiskPattern.firstMismatch(in: bytes, firstSector: sector, seed: 1) == nil)
          }
        }
      }
    }
  }

  @Test(arguments: variants.filter { $0.backing == "memory" })
  func commandsOutsideTheDiskOrTheProtocolEndInTheirStatusWithAReasonKept(variant: Variant) throws {
    try Self.withGuest(variant) { guest, _ in
      let page = [TestBuffer(address: Self.data, count: 4096, writable: true)]
      try #expect(guest.run(0, sector: Self.size / 512, page) == 1)
      try #expect(guest.run(0, sector: Self.size / 512 - 7, page) == 1)
      try #expect(guest.run(0, sector: .max, page) == 1)
      try #expect(guest.run(1, sector: 1 << 55, [TestBuffer(address: Self.data, count: 4096)]) == 1)
      try #expect(guest.run(0, sector: 0, [TestBuffer(address: Self.data, count: 100, writable: true)]) == 1)
      try #expect(guest.run(0, sector: 0, []) == 1)
      try #expect(guest.run(77, sector: 0, []) == 2)
      #expect(guest.device.counters[.errors] == 6)
      #expect(guest.device.firstErrors.count == 6)
      #expect(guest.device.firstErrors.first?.description == "read of 4096 bytes at \(Self.size): Invalid argument")
      try #expect(guest.run(0, sector: 0, page) == 0)
    }
  }

  @Test func theIdentityIs20BytesFilledUpWithZeros() throws {
    try Self.withGuest(Variant(backing: "null", packed: false, polled: false)) { guest, _ in
      try #expect(guest.run(8, sector: 0, [TestBuffer(address: Self.data, count: 20, writable: true)]) == 0)
      let bytes = unsafe Array(guest.memory.bytes(Self.data, 20))
      #expect(bytes == Array("disk-7".utf8) + [UInt8](repeating: 0, count: 14))
    }
  }

  @Test(arguments: ["memory", "file"])
  func discardAndWriteZeroesTakeOneRangeWithAllowedFlags(backing: String) throws {
    try Self.withGuest(Variant(backing: backing, packed: true, polled: false)) { guest, _ in
      func range(_ type: UInt32, _ sector: UInt64, _ sectors: UInt32, flags: UInt32 = 0) throws -> UInt8 {
        guest.memory.put(sector, Self.data)
        guest.memory.put(sectors, Self.data + 8)
        guest.memory.put(flags, Self.data + 12)
        return try guest.run(type, sector: 0, [TestBuffer(address: Self.data, count: 16)])
      }
      try #expect(range(13, 8, 8, flags: 1) == 0)
      try #expect(range(13, 16, 8) == 0)
      try #expect(range(11, 64, 8) == 0)
      try #expect(range(11, 64, 8, flags: 1) == 2)
      try #expect(range(13, 64, 8, flags: 2) == 2)
      try #expect(range(13, Self.size / 512, 1) == 1)
      try #expect(range(13, .max, 0xffff_ffff) == 1)
      try #expect(range(13, 0, 0) == 1)
      try #expect(guest.run(0, sector: 0, [TestBuffer(address: Self.data, count: 16384, writable: true)]) == 0)
      let bytes = unsafe guest.memory.bytes(Self.data, 16384)
      #expect(unsafe bytes[4096..<12288].allSatisfy { $0 == 0 })
      let head = unsafe UnsafeRawBufferPointer(rebasing: bytes[0..<4096])
      #expect(unsafe DiskPattern.firstMismatch(in: head, firstSector: 0, seed: 1) == nil)
    }
  }

  @Test(arguments: ["file", "direct"])
  func aShrinkingFileEndsReadsWithAnErrorAndTheDiskGoesOn(backing: String) throws {
    try Self.withGuest(Variant(backing: backing, packed: false, polled: false)) { guest, disk in
      try disk.truncate(to: 1 << 20)
      let page = [TestBuffer(address: Self.data, count: 4096, writable: true)]
      try #expect(guest.run(0, sector: 4096, page) == 1)
      try #expect(guest.run(0, sector: 8, page) == 0)
      #expect(guest.device.firstErrors.first?.description == "read of 4096 bytes at 2097152: Input/output error")
    }
  }

  @Test func withoutTheFlushCommandEveryWriteIsFlushedByItself() throws {
    let disk = try TestDisk("file", size: Self.size, seed: 1)
    let guest = try BlockGuest(disk: BlockDisk(capacity: Self.size))
    let counted = FlushCount()
    let specification = disk.specification
    let service = try TestService(guest.device, mode: .notified) {
      CountingEngine(try specification.open(), counted)
    }
    defer { service.end() }
    try guest.start([.version1])
    try #expect(guest.run(1, sector: 0, [TestBuffer(address: Self.data, count: 512)]) == 0)
    #expect(counted.value == 1)
    try guest.start([.version1, .blockFlush])
    try #expect(guest.run(1, sector: 0, [TestBuffer(address: Self.data, count: 512)]) == 0)
    #expect(counted.value == 1)
    try #expect(guest.run(4, sector: 0, []) == 0)
    #expect(counted.value == 2)
  }
}
