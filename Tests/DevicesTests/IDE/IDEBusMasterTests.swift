import Devices
import GuestMemory
import Testing

@Suite struct IDEBusMasterTests {
  @Test(arguments: [false, true])
  func dataGoesThroughScatteredRegionsBothWays(extended: Bool) throws {
    let guest = try IDEGuest()
    let data = pattern(24 * 512)
    try guest.fill(Array(data[..<4096]), at: 0x2_0000)
    try guest.fill(Array(data[4096...]), at: 0x4_0000)
    try guest.writeTable([(0x2_0000, 4096), (0x4_0000, 8192)])
    #expect(guest.runDMA(extended ? 0x35 : 0xca, sector: 50, count: 24, extended: extended, reads: false) == 4)
    guest.stopDMA()
    #expect(guest.store[50] == Array(data[..<512]))
    #expect(guest.store[73] == Array(data[(23 * 512)...]))

    try guest.writeTable([(0x8_0000, 2048), (0x6_0000, 10240)])
    #expect(guest.runDMA(extended ? 0x25 : 0xc8, sector: 50, count: 24, extended: extended, reads: true) == 4)
    #expect(guest.status == 0x50)
    #expect(try guest.bytes(at: 0x8_0000, count: 2048) + guest.bytes(at: 0x6_0000, count: 10240) == data)
    #expect(guest.line.take() == 2)
  }

  @Test func regionsOfAnyEvenSizeAndPlaceWork() throws {
    let guest = try IDEGuest()
    let data = pattern(300 * 512)
    var random = FuzzRandom(seed: 11)
    var regions: [(address: UInt64, count: Int)] = []
    var (done, address) = (0, UInt64(0x2_0002))
    while done < data.count {
      let count = min(data.count - done, Int(random.next() % 3000 + 1) * 2)
      try guest.fill(Array(data[done..<done + count]), at: address)
      regions.append((address, count))
      (done, address) = (done + count, address + UInt64(count) + 2 * (random.next() % 50))
    }
    try guest.writeTable(regions)
    #expect(guest.runDMA(0x35, sector: 7, count: 300, extended: true, reads: false) == 4)
    guest.stopDMA()
    for index in 0..<300 { #expect(guest.store[UInt64(7 + index)] == Array(data[index * 512..<index * 512 + 512])) }

    for region in regions { try guest.fill([UInt8](repeating: 0, count: region.count), at: region.address) }
    #expect(guest.runDMA(0x25, sector: 7, count: 300, extended: true, reads: true) == 4)
    #expect(try regions.flatMap { try guest.bytes(at: $0.address, count: $0.count) } == data)
  }

  @Test func neighbouringRegionsBecomeOneRequestACountOfZeroIs64KiB() throws {
    let guest = try IDEGuest()
    try guest.writeTable((0..<16).map { (0x10_0000 + UInt64($0) * 0x1_0000, 0) })
    #expect(guest.runDMA(0x25, sector: 0, count: 2048, extended: true, reads: true) == 4)
    #expect(guest.store.requests.count == 1)
    #expect(guest.store.requests.first?.count == 1 << 20)
  }

  @Test func aBusMasterStartedBeforeItsCommandWaitsForIt() throws {
    let guest = try IDEGuest()
    guest.store[3] = pattern(512)
    try guest.writeTable([(0x2_0000, 512)])
    guest.output(IDEGuest.busMasterBase, 9)
    #expect(guest.masterStatus & 7 == 1)
    guest.command(0xc8, sector: 3, count: 1)
    #expect(guest.masterStatus & 7 == 4)
    #expect(try guest.bytes(at: 0x2_0000, count: 512) == pattern(512))
  }

  @Test func aTableThatHoldsMoreThanTheTransferLeavesTheBusMasterActive() throws {
    let guest = try IDEGuest()
    try guest.writeTable([(0x2_0000, 1024)])
    #expect(guest.runDMA(0xc8, sector: 0, count: 1, reads: true) == 5)
    guest.stopDMA()
    #expect(guest.masterStatus & 1 == 0)
  }

  @Test func aTableThatHoldsLessStopsWithoutAnInterruptAndAnotherStartGoesOn() throws {
    let guest = try IDEGuest()
    for sector in 0..<4 { guest.store[UInt64(sector)] = pattern(512, seed: UInt64(sector)) }
    try guest.writeTable([(0x2_0000, 1024)])
    #expect(guest.runDMA(0xc8, sector: 0, count: 4, reads: true) == 0)
    #expect(guest.line.take() == 0)
    #expect(guest.alternateStatus == 0x58)

    guest.stopDMA()
    try guest.writeTable([(0x3_0000, 1024)])
    guest.output(IDEGuest.busMasterBase, 9)
    #expect(guest.masterStatus & 7 == 4)
    #expect(guest.line.take() == 1)
    #expect(try guest.bytes(at: 0x3_0200, count: 512) == pattern(512, seed: 3))
  }

  @Test(arguments: [0x3f_fe00, 0x40_0000, 0xe000_0000, 0xffff_fffe] as [UInt64])
  func memoryThatIsNotThereSetsTheErrorBitEndsTheCommandAndTouchesNothing(address: UInt64) throws {
    let guest = try IDEGuest()
    for reads in [true, false] {
      try guest.writeTable([(0x2_0000, 512), (address, 1024)])
      #expect(guest.runDMA(reads ? 0xc8 : 0xca, sector: 0, count: 3, reads: reads) & 3 == 2)
      #expect(guest.status == 0x51)
      #expect(guest.error == 0x04)
      guest.stopDMA()
    }
    #expect(guest.store.requests.isEmpty)
    #expect(guest.controller.firstFailure == nil, "the engine is not to blame")
  }

  @Test func aTableOutsideRAMWrongDirectionAndBusMasteringOffAreErrorsToo() throws {
    let guest = try IDEGuest()
    guest.output(IDEGuest.busMasterBase + 4, 0xffff_fff8, .long)
    #expect(guest.runDMA(0xc8, sector: 0, count: 1, reads: true) & 3 == 2)
    guest.stopDMA()
    try guest.writeTable([(0x2_0000, 512)])
    #expect(guest.runDMA(0xc8, sector: 0, count: 1, reads: false) & 3 == 2)
    guest.stopDMA()
    guest.setBusMastering(false)
    #expect(guest.runDMA(0xc8, sector: 0, count: 1, reads: true) & 3 == 2)
    guest.stopDMA()
    guest.setBusMastering(true)
    #expect(guest.runDMA(0xc8, sector: 0, count: 1, reads: true) == 4)
  }

  @Test(arguments: [true, false])
  func anEnginesErrorEndsTheCommandAtTheSectorWithTheReasonKept(reads: Bool) throws {
    let guest = try IDEGuest()
    guest.store.badSectors = [11: 5]
    try guest.writeTable([(0x2_0000, 512), (0x3_0000, 512), (0x4_0000, 512)])
    #expect(guest.runDMA(reads ? 0xc8 : 0xca, sector: 10, count: 3, reads: reads) == 4)
    #expect(guest.status == 0x51)
    #expect(guest.error == (reads ? 0x40 : 0x04))
    #expect(guest.input(0x1f3) == 11)
    #expect(guest.controller.firstFailure?.offset == UInt64(5632))
  }

  @Test func readingByPortWhileDMAIsDueMovesNothing() throws {
    let guest = try IDEGuest()
    guest.store[0] = pattern(512)
    guest.command(0xc8, sector: 0, count: 1)
    #expect(guest.inputWords(512) == [UInt8](repeating: 0, count: 512))
    try guest.writeTable([(0x2_0000, 512)])
    guest.output(IDEGuest.busMasterBase, 9)
    #expect(try guest.bytes(at: 0x2_0000, count: 512) == pattern(512))
  }

  @Test func registersKeepWhatTheyShouldTableAddressAlignedCapabilityBitsClearByOnes() throws {
    let guest = try IDEGuest()
    guest.output(IDEGuest.busMasterBase + 4, 0x1234_5677, .long)
    #expect(guest.input(IDEGuest.busMasterBase + 4, .long) == 0x1234_5674)
    #expect(guest.masterStatus == 0x20)
    guest.command(0xe7)
    #expect(guest.masterStatus == 0x24)
    guest.output(IDEGuest.busMasterBase + 2, 0x60)
    #expect(guest.masterStatus == 0x64)
    guest.output(IDEGuest.busMasterBase + 2, 0x64)
    #expect(guest.masterStatus == 0x60)
    #expect(guest.input(IDEGuest.busMasterBase + 8, .long) == 0, "the second channel is off")
  }
}
