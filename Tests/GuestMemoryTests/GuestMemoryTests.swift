import GuestMemory
import Testing

@Suite struct GuestMemoryTests {
  private static let low: UInt64 = 3 << 30
  private static let high: UInt64 = 4 << 30

  private func isRAM(_ memory: GuestMemory, _ address: UInt64, _ count: UInt64) -> Bool {
    unsafe memory.host(GuestAddress(address), count: count) != nil
  }

  @Test func smallMemoryEndsWhereItsSizeEnds() throws {
    let memory = try GuestMemory(size: 4 << 20)
    let end: UInt64 = 4 << 20
    #expect(isRAM(memory, 0, 1) && isRAM(memory, 0, end) && isRAM(memory, end - 8, 8) && isRAM(memory, 5, 0))
    #expect(!isRAM(memory, 0, end + 1) && !isRAM(memory, end - 8, 9) && !isRAM(memory, end, 1))
    #expect(!isRAM(memory, Self.low, 1) && !isRAM(memory, Self.high, 1))
  }

  @Test(arguments: [0, 1, 4 << 20, (4 << 20) - 1, 3 << 30, 4 << 30, (5 << 30) - 1, 6 << 30, .max] as [UInt64])
  func noLengthWrapsAround(address: UInt64) throws {
    for size in [4 << 20, 5 << 30] as [UInt64] {
      let memory = try GuestMemory(size: size)
      for count in [.max, .max - address, .max - address &+ 1, 1 << 63] as [UInt64] where count > 6 << 30 {
        #expect(!isRAM(memory, address, count), "\(address) \(count) of \(size)")
      }
    }
  }

  @Test func largeMemoryHasAHoleForTheDevices() throws {
    let memory = try GuestMemory(size: 5 << 30)
    #expect(memory.lowSize == Self.low)
    #expect(isRAM(memory, Self.low - 1, 1) && isRAM(memory, Self.high, 1) && isRAM(memory, Self.high, 2 << 30))
    #expect(!isRAM(memory, Self.low - 1, 2) && !isRAM(memory, Self.low, 1) && !isRAM(memory, Self.high - 1, 1))
    #expect(!isRAM(memory, Self.high - 1, 2) && !isRAM(memory, Self.high, (2 << 30) + 1) && !isRAM(memory, 6 << 30, 1))
    #expect(memory.regions.map(\.start) == [GuestAddress(0), GuestAddress(Self.high)])
    #expect(memory.regions.map(\.count) == [Self.low, 2 << 30])
    #expect(memory.hostRanges[0].upperBound == memory.hostRanges[1].lowerBound)
  }

  @Test func bothSidesOfTheHoleAreDifferentBytes() throws {
    let memory = try GuestMemory(size: 5 << 30)
    try memory.store(UInt32(1), at: GuestAddress(Self.low - 4))
    try memory.store(UInt32(2), at: GuestAddress(Self.high))
    #expect(try memory.load(GuestAddress(Self.low - 4), as: UInt32.self) == 1)
    #expect(try memory.load(GuestAddress(Self.high), as: UInt32.self) == 2)
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func integersAreLittleEndianAtAnyAlignment(offset: UInt64) throws {
    let memory = try GuestMemory(size: 2 << 20)
    let place = GuestAddress(0x1000 + offset)
    try memory.store(0x8877_6655_4433_2211 as UInt64, at: place)
    #expect(try memory.load(place, as: UInt8.self) == 0x11)
    #expect(try memory.load(place, as: UInt16.self) == 0x2211)
    #expect(try memory.load(place, as: UInt32.self) == 0x4433_2211)
    #expect(try memory.load(place, as: UInt64.self) == 0x8877_6655_4433_2211)
    #expect(try memory.load(GuestAddress(0x1000 + offset + 7), as: UInt8.self) == 0x88)
  }

  @Test func anAccessOverTheEndIsAnErrorAndChangesNothing() throws {
    let memory = try GuestMemory(size: 2 << 20)
    let place = GuestAddress((2 << 20) - 4)
    #expect(throws: GuestMemoryError.self) { try memory.store(UInt64.max, at: place) }
    #expect(throws: GuestMemoryError.self) { try memory.write([1, 2, 3, 4, 5], at: place) }
    #expect(throws: GuestMemoryError.self) { try memory.load(place, as: UInt64.self) }
    #expect(try memory.load(place, as: UInt32.self) == 0)
    let error = #expect(throws: GuestMemoryError.self) { try memory.load(place, as: UInt64.self) }
    #expect(error?.description == "8 bytes at guest address 0x1ffffc are not RAM")
  }

  @Test func bytesGoInAndComeOut() throws {
    let memory = try GuestMemory(size: 2 << 20)
    try memory.write([1, 2, 3], at: GuestAddress(0x2001))
    var copy: [UInt8] = [0, 0, 0, 0]
    try unsafe copy.withUnsafeMutableBytes { try unsafe memory.read(GuestAddress(0x2000), into: $0) }
    #expect(copy == [0, 1, 2, 3])
  }

  @Test func addressesNeverWrap() {
    #expect(GuestAddress(.max).advanced(by: 1) == nil)
    #expect(GuestAddress(.max - 1).advanced(by: 1) == GuestAddress(.max))
    #expect(GuestAddress(1) < GuestAddress(2))
    #expect("\(GuestAddress(0xd000))" == "0xd000")
  }
}
