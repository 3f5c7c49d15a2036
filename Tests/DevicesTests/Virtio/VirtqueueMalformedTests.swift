import GuestMemory
import Testing

@testable import Devices

/// What a hostile driver writes ends in a reason: never in a crash, an endless loop or an access outside RAM.
@Suite struct VirtqueueMalformedTests {
  static let ram: UInt64 = 2 << 20

  /// Publishes raw descriptors at element 0 and pops.
  static func popSplit(
    _ entries: [(address: UInt64, length: UInt32, flags: UInt16, next: UInt16)], features: VirtioFeatures,
    head: UInt16 = 0, index: UInt16 = 1, prepare: (GuestMemory) -> Void = { _ in }
  ) throws -> VirtqueueFailure? {
    let memory = try GuestMemory(size: ram, hugePages: false)
    let ring = TestSplitRing(memory, at: 0x10000, size: 8, eventIndex: false)
    var queue = try SplitQueue(ring.layout, features: features, window: memory.window)
    var chain = DescriptorChain(capacity: 8)
    prepare(memory)
    for (position, entry) in entries.enumerated() {
      let at = 0x10000 + UInt64(position) * 16
      memory.put(entry.address, at)
      memory.put(entry.length, at + 8)
      memory.put(entry.flags, at + 12)
      memory.put(entry.next, at + 14)
    }
    memory.put(head, 0x18004)
    memory.put(index, 0x18002)
    do throws(VirtqueueFailure) {
      _ = try queue.pop(&chain)
      return nil
    } catch { return error }
  }

  static let features: VirtioFeatures = [.version1, .indirectDescriptors]

  @Test func aChainThatLoopsEnds() throws {
    #expect(try Self.popSplit([(0x1000, 1, 1, 1), (0x1000, 1, 1, 0)], features: Self.features) == .chainTooLong)
    #expect(try Self.popSplit([(0x1000, 0, 1, 0)], features: Self.features) == .chainTooLong)
  }

  @Test func aHeadOrANextPastTheTableIsRefused() throws {
    #expect(try Self.popSplit([], features: Self.features, head: 8) == .descriptorIndex(8))
    #expect(try Self.popSplit([(0x1000, 1, 1, 0xffff)], features: Self.features) == .descriptorIndex(0xffff))
  }

  @Test func anAvailableIndexThatJumpsPastTheRingIsRefused() throws {
    #expect(try Self.popSplit([], features: Self.features, index: 9) == .availableIndexJump(from: 0, to: 9))
    #expect(try Self.popSplit([], features: Self.features, index: 0xffff) == .availableIndexJump(from: 0, to: 0xffff))
  }

  @Test(
    arguments: [
      (ram, 1), (ram - 1, 2), (UInt64.max, 1), (UInt64.max - 15, 0xffff_ffff), (0, 0xffff_ffff), (3 << 30, 1),
    ] as [(UInt64, UInt32)])
  func aBufferThatIsNotWhollyRAMIsRefused(address: UInt64, length: UInt32) throws {
    #expect(
      try Self.popSplit([(address, length, 0, 0)], features: Self.features) == .buffer(GuestAddress(address), length))
  }

  @Test func aReadableBufferAfterAWritableOneIsRefused() throws {
    #expect(
      try Self.popSplit([(0x1000, 1, 3, 1), (0x1000, 1, 0, 0)], features: Self.features) == .readableAfterWritable)
  }

  @Test func indirectTablesOfWholeEntriesInRAMNotNestedNotContinuedAndOnlyWhereNegotiated() throws {
    func fails(_ length: UInt32, flags: UInt16 = 4, address: UInt64 = 0x30000, inner: UInt16 = 0) throws
      -> VirtqueueFailure?
    {
      try Self.popSplit([(address, length, flags, 0)], features: Self.features) { memory in
        memory.put(UInt64(0x40000), 0x30000)
        memory.put(UInt32(16), 0x30008)
        memory.put(inner, 0x3000c)
      }
    }
    #expect(try fails(16) == nil)
    #expect(try fails(0) == .indirectTable(length: 0))
    #expect(try fails(24) == .indirectTable(length: 24))
    #expect(try fails(0xffff_fff0) == .buffer(GuestAddress(0x30000), 0xffff_fff0))
    #expect(try fails(16, address: Self.ram) == .buffer(GuestAddress(Self.ram), 16))
    #expect(try fails(16, flags: 5) == .indirectNotAllowed)
    #expect(try fails(16, inner: 4) == .indirectNotAllowed)
    #expect(try fails(16, inner: 1) == .chainTooLong, "next 0 loops inside the table")
    #expect(try Self.popSplit([(0x30000, 16, 4, 0)], features: [.version1]) == .indirectNotAllowed)
  }

  @Test func anIndirectTableLongerThanTheQueueIsRefusedWhenItDescribesMoreBuffersThanTheQueueHasElements() throws {
    let failure = try Self.popSplit([(0x30000, 16 * 9, 4, 0)], features: Self.features) { memory in
      for index in 0..<9 as Range<UInt64> {
        memory.put(UInt64(0x40000), 0x30000 + index * 16)
        memory.put(UInt32(1), 0x30008 + index * 16)
        memory.put(UInt16(1), 0x3000c + index * 16)
        memory.put(UInt16(index + 1), 0x3000e + index * 16)
      }
    }
    #expect(failure == .chainTooLong)
  }

  @Test func aPackedChainWithoutAnEndIsRefusedOnceItIsLongerThanTheRing() throws {
    let memory = try GuestMemory(size: Self.ram, hugePages: false)
    let ring = TestPackedRing(memory, at: 0x10000, size: 8, eventIndex: false)
    var queue = try PackedQueue(ring.layout, features: Self.features, window: memory.window)
    var chain = DescriptorChain(capacity: 8)
    for index in 0..<8 as Range<UInt64> { memory.put(UInt16(1 << 7 | 1), 0x10000 + index * 16 + 14) }
    #expect(throws: VirtqueueFailure.chainTooLong) { try queue.pop(&chain) }
  }

  @Test func anAreaThatIsMisalignedOrNotRAMOrAnImpossibleSizeIsRefusedWhenTheQueueIsMade() throws {
    let memory = try GuestMemory(size: Self.ram, hugePages: false)
    func makes(_ size: UInt16, _ table: UInt64, _ driver: UInt64, _ device: UInt64) -> Bool {
      let layout = VirtqueueLayout(
        size: size, descriptorArea: GuestAddress(table), driverArea: GuestAddress(driver),
        deviceArea: GuestAddress(device))
      return (try? { _ = try SplitQueue(layout, features: Self.features, window: memory.window) }()) != nil
    }
    #expect(makes(8, 0x1000, 0x2000, 0x3000))
    #expect(makes(8, Self.ram - 128, 0x2000, 0x3000))
    #expect(!makes(0, 0x1000, 0x2000, 0x3000))
    #expect(!makes(7, 0x1000, 0x2000, 0x3000))
    #expect(!makes(8, 0x1008, 0x2000, 0x3000))
    #expect(!makes(8, 0x1000, 0x2001, 0x3000))
    #expect(!makes(8, 0x1000, 0x2000, 0x3002))
    #expect(!makes(8, Self.ram - 112, 0x2000, 0x3000))
    #expect(!makes(8, 0x1000, Self.ram - 16, 0x3000))
    #expect(!makes(8, 0x1000, 0x2000, Self.ram - 64))
    #expect(!makes(32768, UInt64.max & ~15, 0x2000, 0x3000))
  }
}
