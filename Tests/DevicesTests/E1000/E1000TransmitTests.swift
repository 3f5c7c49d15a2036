import Frames
import Testing

@testable import Devices

@Suite struct E1000TransmitTests {
  typealias R = E1000Guest.R
  /// Command bits, in place.
  private static let end: UInt64 = 1 << 24
  private static let segment: UInt64 = 1 << 26
  private static let report: UInt64 = 1 << 27
  private static let extended: UInt64 = 1 << 29
  private static let data: UInt64 = extended | 1 << 20
  private static let network: UInt64 = 1 << 40
  private static let transport: UInt64 = 1 << 41

  @Test func legacyDescriptorsGatherAFrameThoseThatWantAReportGetOne() throws {
    let guest = try E1000Guest()
    guest.start()
    guest.write(R.ims, 3)
    let frame = E1000Guest.frame(300)
    let address = guest.place(frame)
    guest.add(address, 14)
    guest.add(address + 14, 86 | Self.report)
    guest.add(address + 100, 200 | Self.end | Self.report)
    guest.kick()
    #expect(guest.wire.sent.map(\.bytes) == [frame])
    #expect((0..<3).map { guest.status($0) & 1 } == [0, 1, 1])
    #expect(guest.read(R.tdh) == 3)
    #expect(guest.line.pulses == 1)
    #expect(guest.read(R.icr) & 3 == 3)
  }

  @Test func shortFramesArePaddedWhereTheDriverAsksForIt() throws {
    let guest = try E1000Guest()
    guest.start()
    let address = guest.place(E1000Guest.frame(42))
    guest.add(address, 42 | Self.end)
    guest.kick()
    guest.write(R.tctl, 2)
    guest.add(address, 42 | Self.end)
    guest.kick()
    #expect(guest.wire.sent.map(\.bytes.count) == [60, 42])
    #expect(guest.wire.sent[0].bytes == E1000Guest.frame(42) + [UInt8](repeating: 0, count: 18))
  }

  @Test func aLegacyChecksumCoversEverythingFromItsStartAndNothingIsStoredOutsideThePacket() throws {
    let guest = try E1000Guest()
    guest.start()
    let frame = E1000Guest.frame(101)
    let address = guest.place(frame)
    guest.add(address, 101 | 24 << 16 | Self.end | 1 << 26 | 20 << 40)
    guest.add(address, 101 | 100 << 16 | Self.end | 1 << 26 | 20 << 40)
    guest.add(address, 101 | 24 << 16 | Self.end | 1 << 26 | 101 << 40)
    guest.kick()
    var expected = frame
    let sum = referenceChecksum(Array(frame[20...]))
    (expected[24], expected[25]) = (UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum))
    #expect(guest.wire.sent.map(\.bytes) == [expected, frame, frame])
  }

  @Test func anExtendedPacketGetsTheChecksumsOfTheContextThatItsFirstDescriptorAsksFor() throws {
    let guest = try E1000Guest()
    guest.start()
    let packet = Packet.udp(payload: 333)
    let address = guest.place(packet.unfinished)
    guest.add(packet.context, Self.extended)
    guest.add(address, 42 | Self.data | Self.network | Self.transport)
    guest.add(address + 42, 333 | Self.data | Self.end | Self.report)
    guest.add(address, 375 | Self.data | Self.end)
    guest.kick()
    #expect(guest.wire.sent.map(\.bytes) == [packet.finished, packet.unfinished])
    #expect(guest.status(2) & 1 == 1)
  }

  @Test(arguments: Packet.kinds)
  func segmentsHaveTheRightHeadersChecksumsAndPayloadByteByByte(kind: Packet.Kind) throws {
    let guest = try E1000Guest()
    guest.start()
    let packet = Packet(kind, payload: 4000)
    let address = guest.place(packet.headersForSegments + packet.payload)
    guest.add(
      packet.context,
      4000 | packet.contextCommand | Self.extended | Self.segment | UInt64(packet.headerLength) << 40 | 1428 << 48)
    let options = Self.data | Self.segment | Self.transport | (kind.isIPv4 ? Self.network : 0)
    guest.add(address, UInt64(packet.headerLength) | options)
    guest.add(address + UInt64(packet.headerLength), 4000 | options | Self.end | Self.report)
    guest.kick()
    #expect(guest.wire.sent.map(\.bytes.count) == [1428, 1428, 1144].map { $0 + packet.headerLength })
    #expect(guest.wire.sent.map(\.bytes) == packet.segments(1428))
    #expect(guest.device.counters.framesSent == 3)
    #expect(guest.read(0x40f8) == 1)
  }

  @Test func theContextOfSegmentsLeavesThatOfWholePacketsAlone() throws {
    let guest = try E1000Guest()
    guest.start()
    let packet = Packet.udp(payload: 100)
    guest.add(packet.context, Self.extended)
    guest.add(0, 100 | Self.extended | Self.segment | 54 << 40 | 1000 << 48)
    guest.add(guest.place(packet.unfinished), 142 | Self.data | Self.end | Self.network | Self.transport)
    guest.kick()
    #expect(guest.wire.sent.map(\.bytes) == [packet.finished])
  }

  @Test func contextsThatLieSendNothingAndThePacketAfterThemArrives() throws {
    let guest = try E1000Guest()
    guest.start()
    let packet = Packet(.tcp4, payload: 1000)
    let address = guest.place(packet.headersForSegments + packet.payload)
    func context(header: UInt64, segment: UInt64, first: UInt64) {
      guest.add(first, 1000 | packet.contextCommand | Self.extended | Self.segment | header << 40 | segment << 48)
      guest.add(address, 1054 | Self.data | Self.segment | Self.end | Self.network | Self.transport)
    }
    context(header: 54, segment: 0, first: packet.context)
    context(header: 255, segment: 65535, first: packet.context)
    context(header: 30, segment: 100, first: packet.context)
    context(header: 54, segment: 1000, first: 0xffff_ffff_ffff_ffff)
    context(header: 54, segment: 1000, first: 10 << 32)
    guest.kick()
    #expect(guest.wire.sent.isEmpty)
    #expect(guest.device.counters.malformed == 5)
    guest.add(address, 1054 | Self.end)
    guest.kick()
    #expect(guest.wire.sent.count == 1)
  }

  @Test func packetsNoWireCarriesAreNotSentTooShortTooLongFarTooLong() throws {
    let guest = try E1000Guest()
    guest.start()
    let address = guest.place(E1000Guest.frame(2000))
    guest.add(address, 13 | Self.end | Self.report)
    guest.add(address, 1519 | Self.end | Self.report)
    guest.add(address, 0xf_ffff | Self.data | Self.end | Self.report)
    guest.add(1 << 50, 100 | Self.end | Self.report)
    guest.add(address, 0 | Self.end | Self.report)
    guest.kick()
    #expect((0..<5).allSatisfy { guest.status($0) & 1 == 1 })
    #expect(guest.wire.sent.map(\.bytes) == [[UInt8](repeating: 0, count: 100)])
    #expect(guest.device.counters.malformed == 4 && guest.device.counters.badDescriptors == 1)
  }

  @Test func aFullWireHoldsAFrameAndRoomForItSendsItOnce() throws {
    let guest = try E1000Guest()
    guest.start()
    guest.wire.makeRoom(1)
    let packet = Packet(.tcp4, payload: 2000)
    let address = guest.place(packet.headersForSegments + packet.payload)
    let head = UInt64(packet.headerLength)
    guest.add(packet.context, 2000 | packet.contextCommand | Self.extended | Self.segment | head << 40 | 1000 << 48)
    guest.add(address, 2000 + head | Self.data | Self.segment | Self.end | Self.network | Self.transport)
    let last = E1000Guest.frame(70)
    guest.add(guest.place(last, at: 0x8000), 70 | Self.end | Self.report)
    guest.kick()
    #expect(guest.wire.sent.count == 1)
    guest.turn()
    #expect(guest.wire.sent.count == 1 && guest.status(2) & 1 == 0)
    guest.wire.makeRoom(10)
    guest.turn()
    #expect(guest.wire.sent.map(\.bytes) == packet.segments(1000) + [last])
    #expect(guest.status(2) & 1 == 1)
  }

  @Test func aRegisterWriteDoesATurnOfWorkAtMostHoweverSmallTheSegments() throws {
    let guest = try E1000Guest()
    guest.start()
    let packet = Packet(.tcp4, payload: 1000)
    let address = guest.place(packet.headersForSegments + packet.payload)
    guest.add(packet.context, 1000 | packet.contextCommand | Self.extended | Self.segment | 54 << 40 | 1 << 48)
    guest.add(address, 1054 | Self.data | Self.segment | Self.end | Self.network | Self.transport)
    guest.kick()
    #expect(0 < guest.wire.sent.count && guest.wire.sent.count <= 256)
    for _ in 0..<4 { guest.turn() }
    #expect(guest.wire.sent.map(\.bytes) == packet.segments(1))
  }

  @Test func aControllerThatMayNotMasterTheBusOrDoesNotTransmitSendsNothing() throws {
    let guest = try E1000Guest()
    guest.start()
    guest.machine.setConfiguration(0x04, .word, 3)
    guest.add(guest.place(E1000Guest.frame(64)), 64 | Self.end)
    guest.kick()
    guest.turn()
    #expect(guest.wire.sent.isEmpty)
    guest.machine.setConfiguration(0x04, .word, 7)
    guest.turn()
    #expect(guest.wire.sent.count == 1)
  }
}
