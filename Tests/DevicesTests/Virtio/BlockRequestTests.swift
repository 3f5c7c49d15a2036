import GuestMemory
import Storage
import Testing

@testable import Devices

@Suite struct BlockRequestTests {
  private static let capacity: UInt64 = 1 << 20

  /// Parses a request of these bytes to read, cut as given, and room for so many bytes of data.
  private func parse(
    _ bytes: [UInt8], pieces: [Int]? = nil, room: UInt32 = 0, isReadOnly: Bool = false
  ) throws -> String {
    let memory = try GuestMemory(size: 2 << 20, hugePages: false)
    unsafe memory.bytes(0x1000, bytes.count).copyBytes(from: bytes)
    var chain = DescriptorChain(capacity: 64)
    chain.begin(id: 7)
    var place: UInt64 = 0x1000
    for piece in pieces ?? [bytes.count] {
      try chain.append(place, UInt32(piece), writable: false, memory.window)
      place += UInt64(piece)
    }
    try chain.append(0x8000, room, writable: true, memory.window)
    let request = try BlockRequest.parse(&chain, capacity: Self.capacity, isReadOnly: isReadOnly)
    return "\(request)"
  }

  private static func header(_ type: UInt32, _ sector: UInt64) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: type >> UInt32(8 * $0)) } + [0, 0, 0, 0]
      + (0..<8).map { UInt8(truncatingIfNeeded: sector >> UInt64(8 * $0)) }
  }

  private static func range(_ type: UInt32, _ sector: UInt64, _ sectors: UInt32, flags: UInt32 = 0) -> [UInt8] {
    header(type, 0) + (0..<8).map { UInt8(truncatingIfNeeded: sector >> UInt64(8 * $0)) }
      + [sectors, flags].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
  }

  private func text(_ request: BlockRequest) -> String { "\(request)" }

  @Test(arguments: [nil, [1, 15], [8, 8], [Int](repeating: 1, count: 16)] as [[Int]?])
  func aRequestIsTheSameHoweverItsHeaderIsCut(pieces: [Int]?) throws {
    let read = BlockExtent(operation: .read, offset: 512 * 9, count: 1024)
    #expect(try parse(Self.header(0, 9), pieces: pieces, room: 1024) == text(.transfer(read)))
    #expect(try parse(Self.header(4, 0), pieces: pieces) == text(.flush))
    #expect(try parse(Self.header(8, 0), pieces: pieces, room: 20) == text(.identity))
  }

  @Test func dataMayFollowTheHeaderInItsBuffer() throws {
    let write = BlockExtent(operation: .write, offset: 0, count: 512)
    #expect(try parse(Self.header(1, 0) + [UInt8](repeating: 0, count: 512)) == text(.transfer(write)))
  }

  private static let last = capacity / 512

  @Test(
    arguments: [
      (0, last, 512), (0, last - 1, 1024), (0, .max, 512), (0, 1 << 55, 512), (0, 0, 0), (0, 0, 100),
    ] as [(UInt32, UInt64, UInt32)])
  func whatIsNotOfWholeSectorsOfTheDiskIsInvalid(type: UInt32, sector: UInt64, room: UInt32) throws {
    let asked = BlockExtent(operation: .read, offset: sector &* 512, count: UInt64(room))
    #expect(try parse(Self.header(type, sector), room: room) == text(.refused(.invalid(asked))))
  }

  @Test func aRangeHasOnePlaceAndAllowedFlags() throws {
    let zeroes = BlockExtent(operation: .writeZeroes, offset: 4096, count: 512)
    #expect(try parse(Self.range(13, 8, 1, flags: 1)) == text(.range(zeroes)))
    #expect(try parse(Self.range(11, 8, 1, flags: 1)) == text(.refused(.unsupported(.discard))))
    #expect(try parse(Self.range(13, 8, 1, flags: 2)) == text(.refused(.unsupported(.writeZeroes))))
    let none = BlockExtent(operation: .discard, offset: 4096, count: 0)
    #expect(try parse(Self.range(11, 8, 0)) == text(.refused(.invalid(none))))
    #expect(try parse(Self.range(11, 8, 1), isReadOnly: true) == text(.refused(.unsupported(nil))))
    #expect(try parse(Self.header(77, 0)) == text(.refused(.unsupported(nil))))
  }

  @Test func aHeaderThatIsCutShortIsNoRequest() throws {
    #expect(throws: VirtqueueFailure.requestShape) { try parse([UInt8](repeating: 0, count: 15), room: 512) }
  }
}
