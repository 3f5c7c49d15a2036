import Devices
import Storage
import Testing

@Suite struct IDEPortTests {
  @Test(arguments: [false, true], [1, 8, 16])
  func sectorsComeBackAsWrittenWithEachKindOfCommand(extended: Bool, block: Int) throws {
    let guest = try IDEGuest()
    let data = pattern(37 * 512)
    if block > 1 { guest.command(0xc6, count: block) }
    let write: UInt8 = block > 1 ? (extended ? 0x39 : 0xc5) : (extended ? 0x34 : 0x30)
    let read: UInt8 = block > 1 ? (extended ? 0x29 : 0xc4) : (extended ? 0x24 : 0x20)
    guest.writeByPort(write, sector: 100, data, extended: extended, block: block)
    #expect(guest.status == 0x50)

    #expect(guest.readByPort(read, sector: 100, count: 37, extended: extended, block: block) == data)
    #expect(guest.status == 0x50)
    #expect(guest.store[100] == Array(data[..<512]))
    #expect(guest.store[136] == Array(data[(36 * 512)...]))
    #expect(guest.controller.counters.sectorsRead == 37)
    #expect(guest.controller.counters.sectorsWritten == 37)
  }

  @Test func anAsynchronousEngineWorksAsASynchronousOneDoes() throws {
    let guest = try IDEGuest()
    guest.store.isAsynchronous = true
    let data = pattern(4 * 512)
    guest.writeByPort(0x30, sector: 5, data)
    #expect(guest.readByPort(0x20, sector: 5, count: 4) == data)
  }

  @Test(arguments: [AccessWidth.byte, .word, .long])
  func theDataPortTakesBytesWordsAndLongsAlike(width: AccessWidth) throws {
    let guest = try IDEGuest()
    let data = pattern(512)
    guest.store[7] = data
    guest.command(0x20, sector: 7, count: 1)
    var bytes: [UInt8] = []
    for _ in 0..<512 / Int(width.rawValue) {
      let value = guest.input(0x1f0, width)
      for index in 0..<UInt64(width.rawValue) { bytes.append(UInt8(value >> (index * 8) & 0xff)) }
    }
    #expect(bytes == data)
    #expect(guest.status == 0x50)
    #expect(guest.input(0x1f0, width) == 0, "there is no more")
  }

  @Test func oneStringInstructionMaySpanBlocksAndRegistersRepeatTheirByte() throws {
    let guest = try IDEGuest()
    let data = pattern(3 * 512)
    for index in 0..<3 { guest.store[UInt64(index)] = Array(data[index * 512..<index * 512 + 512]) }
    guest.command(0x20, sector: 0, count: 3)
    #expect(guest.inputWords(1536) == data)
    #expect(guest.controller.counters.dataAccesses == 1)

    var bytes = [UInt8](repeating: 0xee, count: 5)
    unsafe bytes.withUnsafeMutableBytes {
      unsafe guest.controller.commandBlock.readRepeated(7, width: .byte, into: $0)
    }
    #expect(bytes == [0x50, 0x50, 0x50, 0x50, 0x50])
  }

  @Test func aCountOfZeroMeans256SectorsAnd65536With48Bits() throws {
    let guest = try IDEGuest(sectors: 70_000)
    guest.command(0xc6, count: 16)
    #expect(guest.readByPort(0xc4, sector: 0, count: 256, block: 16).count == 256 * 512)
    #expect(guest.status == 0x50)

    guest.command(0x42, sector: 1, count: 65536, extended: true)
    #expect(guest.status == 0x50)
    guest.command(0x42, sector: 4465, count: 65536, extended: true)
    #expect(guest.error == 0x10)
  }

  @Test func extendedAddressesReachPast128GiBAndOthersDoNot() throws {
    let guest = try IDEGuest(sectors: 1 << 40)
    for sector in [0x0fff_ffff, 0x1000_0000, 0xab_cdef_0123, (1 << 40) - 1] as [UInt64] {
      let data = pattern(512, seed: sector)
      guest.writeByPort(0x34, sector: sector, data, extended: true)
      #expect(guest.store[sector] == data)
      #expect(guest.readByPort(0x24, sector: sector, count: 1, extended: true) == data)
    }
    let low = pattern(512, seed: 3)
    guest.store[0x0234_5678] = low
    #expect(guest.readByPort(0x20, sector: 0x1234_5678 & 0x0fff_ffff, count: 1) == low)
  }

  @Test func theHighOrderBitShowsWhatTheRegistersHeldBefore() throws {
    let guest = try IDEGuest()
    guest.output(0x1f3, 0x11)
    guest.output(0x1f3, 0x22)
    #expect(guest.input(0x1f3) == 0x22)
    guest.output(0x3f6, 0x80)
    #expect(guest.input(0x1f3) == 0x11)
    guest.output(0x1f4, 0)
    #expect(guest.input(0x1f3) == 0x22, "a write clears the bit")
  }

  @Test func cylinderAddressingFollowsTheGeometryThatWasSet() throws {
    let guest = try IDEGuest()
    guest.store[63 * 16 + 63 + 4] = pattern(512)
    guest.output(0x1f2, 1)
    guest.output(0x1f3, 5)
    guest.output(0x1f4, 1)
    guest.output(0x1f5, 0)
    guest.output(0x1f6, 0xa1)
    guest.output(0x1f7, 0x20)
    #expect(guest.inputWords(512) == pattern(512))

    guest.output(0x1f2, 10)
    guest.output(0x1f6, 0xa3)
    guest.output(0x1f7, 0x91)
    guest.store[(2 * 4 + 3) * 10 + 9] = pattern(512, seed: 2)
    guest.output(0x1f2, 1)
    guest.output(0x1f3, 10)
    guest.output(0x1f4, 2)
    guest.output(0x1f7, 0x20)
    #expect(guest.inputWords(512) == pattern(512, seed: 2))

    guest.output(0x1f3, 11)
    guest.output(0x1f7, 0x20)
    #expect(guest.error == 0x10)
  }

  @Test func powerCommandsSucceedAndSayThatTheDriveIsAwake() throws {
    let guest = try IDEGuest()
    for code in [0xe0, 0xe1, 0xe2, 0xe3, 0xe6] as [UInt8] {
      guest.command(code)
      #expect(guest.status == 0x50)
    }
    guest.command(0xe5)
    #expect(guest.input(0x1f2) == 0xff)
  }

  @Test func aFlushReachesTheEngineWithoutWriteCacheEveryWriteIsFollowedByOne() throws {
    let guest = try IDEGuest()
    guest.writeByPort(0x30, sector: 0, pattern(1024))
    guest.command(0xe7)
    guest.command(0xea)
    #expect(guest.store.requests.map(\.operation) == [.write, .write, .flush, .flush])

    guest.command(0xef, feature: 0x82)
    guest.store.forget()
    guest.writeByPort(0x30, sector: 0, pattern(1024))
    #expect(guest.store.requests.map(\.operation) == [.write, .write, .flush])
    #expect(guest.status == 0x50)
  }
}
