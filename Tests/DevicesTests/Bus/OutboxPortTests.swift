import Devices
import GuestMemory
import ProbeABI
import Testing

/// The outbox, and guests that lie about what they send.
@Suite struct OutboxPortTests {
  private final class Taken {
    var parcels: [[UInt8]] = []
  }

  private let memory: GuestMemory
  private let taken = Taken()
  private let port: OutboxPort

  init() throws {
    memory = try GuestMemory(size: 2 << 20, hugePages: false)
    let taken = taken
    port = OutboxPort(memory: memory) { taken.parcels.append($0) }
  }

  private func send(_ address: UInt64, _ length: UInt64, from place: UInt64 = 0x1000) throws {
    try memory.store(address, at: GuestAddress(place))
    try memory.store(length, at: GuestAddress(place + 8))
    port.write(0, width: .long, value: place)
  }

  @Test func itSaysThatItIsThereAndTakesWhatItIsGiven() throws {
    #expect(port.read(0, width: .long) == UInt64(NM_OUTBOX_VALUE))
    try memory.write(Array("hello".utf8), at: GuestAddress(0x2000))
    try send(0x2000, 5)
    try send(0x2001, 3)
    #expect(taken.parcels == [Array("hello".utf8), Array("ell".utf8)])
  }

  @Test func aParcelMayEndWhereMemoryDoes() throws {
    try send((2 << 20) - 4, 4)
    #expect(taken.parcels == [[0, 0, 0, 0]])
  }

  private static let wrong: [(address: UInt64, length: UInt64)] = [
    ((2 << 20) - 4, 5), (0, UInt64(NM_PARCEL_LIMIT) + 1), (.max, 1), (.max - 3, 8), (0, .max), (1 << 40, 1),
  ]

  @Test(arguments: wrong)
  func whatIsNotAllMemoryOrTooLongIsNotTaken(parcel: (address: UInt64, length: UInt64)) throws {
    try send(parcel.address, parcel.length)
    #expect(taken.parcels.isEmpty)
  }

  @Test(arguments: [(2 << 20) - 8, 2 << 20, 0xffff_ffff, .max, .max - 7] as [UInt64])
  func aParcelThatIsNowhereIsNotTaken(place: UInt64) {
    port.write(0, width: .long, value: place)
    #expect(taken.parcels.isEmpty)
  }
}
