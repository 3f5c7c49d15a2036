import GuestMemory
import Testing

@testable import Devices

/// Claims about the device's side of both kinds of ring, with a driver's side that shares no code with it.
@Suite struct VirtqueueTests {
  static let shapes = [
    Shape(kind: .split, eventIndex: false), Shape(kind: .split, eventIndex: true),
    Shape(kind: .packed, eventIndex: false),
    Shape(kind: .packed, eventIndex: true),
  ]

  /// Arranges a ring and hands both sides to `body`.
  static func withRing(
    _ shape: Shape, size: UInt16 = 8, _ body: (any TestRing, any QueueUnderTest, GuestMemory) throws -> Void
  ) throws {
    let memory = try GuestMemory(size: 2 << 20, hugePages: false)
    var features: VirtioFeatures = [.version1, .indirectDescriptors]
    if shape.eventIndex { features.insert(.eventIndex) }
    let ring: any TestRing
    let queue: any QueueUnderTest
    switch shape.kind {
    case .split:
      ring = TestSplitRing(memory, at: 0x10000, size: size, eventIndex: shape.eventIndex)
      queue = QueueBox(try SplitQueue(ring.layout, features: features, window: memory.window), size: size)
    case .packed:
      ring = TestPackedRing(memory, at: 0x10000, size: size, eventIndex: shape.eventIndex)
      queue = QueueBox(try PackedQueue(ring.layout, features: features, window: memory.window), size: size)
    }
    try body(ring, queue, memory)
  }

  @Test(arguments: shapes)
  func chainsArriveWholeAndInOrderAndGoBackByTheirIdentityAroundTheRingManyTimes(shape: Shape) throws {
    try Self.withRing(shape) { ring, queue, memory in
      for round in 0..<1000 as Range<UInt64> {
        let first = [
          TestBuffer(address: 0x40000 + round, count: 16), TestBuffer(address: 0x50000, count: 7, writable: true),
        ]
        let second = [TestBuffer(address: 0x60000, count: UInt32(round + 1))]
        let ids = [ring.add(first), ring.add(second)]
        #expect(try queue.pop() == nil, "what is not published is not seen")
        ring.publish()
        let one = try #require(try queue.pop())
        #expect(one.readable == [16] && one.writable == [7])
        #expect(one.addresses[0] == memory.hostAddress(0x40000 + round))
        let two = try #require(try queue.pop())
        #expect(two.readable == [UInt32(round + 1)] && two.writable == [])
        #expect(try queue.pop() == nil)
        #expect([one.id, two.id] == ids)
        // Out of order where the ring permits it.
        queue.push(two, written: 0)
        queue.push(one, written: 5)
        #expect(ring.take() == nil, "what is not published is not seen")
        queue.publish()
        let back = try #require(ring.take())
        #expect(back.id == ids[1] && back.written == 0)
        let last = try #require(ring.take())
        #expect(last.id == ids[0] && last.written == 5)
        #expect(ring.take() == nil)
      }
    }
  }

  @Test(arguments: shapes)
  func anIndirectTableIsOneElementOfTheRingAndAWholeChainToTheDevice(shape: Shape) throws {
    try Self.withRing(shape) { ring, queue, memory in
      for _ in 0..<20 {
        let buffers = (0..<6 as Range<UInt64>).map {
          TestBuffer(address: 0x40000 + $0 * 0x1000, count: UInt32($0 + 1), writable: $0 >= 4)
        }
        let id = ring.add(buffers, indirectAt: 0x30010)
        ring.publish()
        let chain = try #require(try queue.pop())
        #expect(chain.id == id && chain.elements == 1)
        #expect(chain.readable == [1, 2, 3, 4] && chain.writable == [5, 6])
        queue.push(chain, written: 11)
        queue.publish()
        #expect(try #require(ring.take()).written == 11)
      }
    }
  }

  @Test(arguments: shapes)
  func aFullRingOfChainsIsTakenInOneGoAndGivenBackInOneGo(shape: Shape) throws {
    try Self.withRing(shape) { ring, queue, _ in
      for _ in 0..<50 {
        let ids = (0..<4).map { _ in
          ring.add([TestBuffer(address: 0x40000, count: 1), TestBuffer(address: 0x41000, count: 1, writable: true)])
        }
        ring.publish()
        var taken = [TakenChain]()
        while let chain = try queue.pop() { taken.append(chain) }
        #expect(taken.map(\.id) == ids)
        for chain in taken { queue.push(chain, written: 1) }
        queue.publish()
        for id in ids { #expect(ring.take()?.id == id) }
      }
    }
  }

  @Test(arguments: shapes)
  func aDeviceThatWantsNoDoorbellGetsNoneOneThatWantsItGetsItForTheVeryNextBuffer(shape: Shape) throws {
    try Self.withRing(shape) { ring, queue, _ in
      for round in 0..<100 {
        queue.disableDoorbell()
        _ = ring.add([TestBuffer(address: 0x40000, count: 1)])
        ring.publish()
        #expect(!ring.wantsDoorbell(), "round \(round)")
        #expect(queue.enableDoorbell(), "the buffer that came meanwhile is noticed")
        let first = try #require(try queue.pop())
        #expect(!queue.enableDoorbell(), "nothing is left")
        _ = ring.add([TestBuffer(address: 0x40000, count: 1)])
        ring.publish()
        #expect(ring.wantsDoorbell(), "round \(round)")
        let second = try #require(try queue.pop())
        queue.push(first, written: 0)
        queue.push(second, written: 0)
        queue.publish()
        _ = (ring.take(), ring.take())
      }
    }
  }

  @Test(arguments: shapes)
  func aDeviceThatWantsNoDoorbellGetsNoneHoweverManyBuffersPass(shape: Shape) throws {
    try Self.withRing(shape) { ring, queue, _ in
      queue.disableDoorbell()
      var doorbells = 0
      // More than once around the 16-bit index, where an event index comes by again.
      for _ in 0..<70_000 {
        _ = ring.add([TestBuffer(address: 0x40000, count: 1)])
        ring.publish()
        if ring.wantsDoorbell() { doorbells += 1 }
        let buffer = try #require(try queue.pop())
        queue.push(buffer, written: 0)
        queue.publish()
        _ = ring.take()
      }
      #expect(doorbells == 0)
    }
  }

  @Test(arguments: shapes)
  func theDriverIsInterruptedWhenItAskedToBeAndOnlyThen(shape: Shape) throws {
    try Self.withRing(shape) { ring, queue, _ in
      for round in 0..<100 {
        func use(_ count: Int) throws -> Bool {
          for _ in 0..<count { _ = ring.add([TestBuffer(address: 0x40000, count: 1)]) }
          ring.publish()
          while let chain = try queue.pop() { queue.push(chain, written: 0) }
          queue.publish()
          return queue.wantsInterrupt()
        }
        ring.wantInterrupt(false, after: 1)
        let first = try use(2)
        #expect(!first, "round \(round)")
        while ring.take() != nil {}
        ring.wantInterrupt(true, after: 1)
        let second = try use(1)
        #expect(second, "round \(round)")
        #expect(!queue.wantsInterrupt(), "there is nothing new")
        while ring.take() != nil {}
        guard shape.eventIndex else { continue }
        ring.wantInterrupt(true, after: 3)
        let wishes = [try use(2), try use(1), try use(1)]
        #expect(wishes == [false, true, false], "the third was asked for")
        while ring.take() != nil {}
      }
    }
  }
}
