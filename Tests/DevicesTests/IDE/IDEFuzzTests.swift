import Devices
import GuestMemory
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct IDEFuzzTests {
  /// How long to go on: NEARMETAL_FUZZ_SECONDS, two seconds by default.
  private var duration: Duration {
    unsafe .seconds(getenv("NEARMETAL_FUZZ_SECONDS").flatMap { unsafe Double(String(cString: $0)) } ?? 2)
  }

  private static let commands: [UInt8] = [
    0x08, 0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x42, 0x90, 0x91, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe7,
    0xea, 0xec, 0xef,
  ]

  @Test func randomRegistersTablesAndConfigurationCrashNothingAndTheDiskWorksAfterwards() throws {
    // Small, so that transfers stay short and ends of disk and memory are met often.
    let guest = try IDEGuest(sectors: 300)
    guest.store.badSectors = [77: 5, 140: 28]
    var random = FuzzRandom(seed: 0x6964_6521)
    let clock = ContinuousClock()
    let end = clock.now + duration
    var steps = 0
    while clock.now < end {
      for _ in 0..<500 { try step(guest, &random) }
      steps += 500
      if random.next() % 8 == 0 { recover(guest) }
    }
    recover(guest)
    try checkWorks(guest)
    let counters = guest.controller.counters
    #expect(counters.commands > UInt64(steps / 100), "the random accesses did reach the commands")
    #expect(counters.sectorsRead > 0 && counters.sectorsWritten > 0 && counters.errors > 0)
    #expect(guest.store.sectors.keys.allSatisfy { $0 < 300 })
    #expect(guest.store.requests.allSatisfy { $0.offset + UInt64($0.count) <= 300 * 512 })
  }

  func step(_ guest: IDEGuest, _ random: inout FuzzRandom) throws {
    let width = [AccessWidth.byte, .byte, .byte, .word, .long, .quad][Int(random.next() % 6)]
    let value = random.next()
    switch random.next() % 12 {
    case 0: guest.output(0x1f0 + random.next() % 8, value, width)
    case 1: _ = guest.input(0x1f0 + random.next() % 8, width)
    case 2: guest.output(0x3f6, value & ([0, 2, 4, 0x80, 0xff][Int(random.next() % 5)]), width)
    case 3: guest.output(IDEGuest.busMasterBase + random.next() % 16, value, width)
    case 4: _ = guest.input(IDEGuest.busMasterBase + random.next() % 16, width)
    case 5: try writeTable(guest, &random)
    case 6, 7: command(guest, &random)
    case 8: guest.output(IDEGuest.busMasterBase, [0, 1, 8, 9][Int(value % 4)])
    case 9: _ = guest.inputWords(Int(random.next() % 10000))
    case 10: guest.outputWords([UInt8](repeating: UInt8(value & 0xff), count: Int(random.next() % 10000)))
    default: configure(guest, &random)
    }
  }

  /// Mostly meaningful, so that the deep paths are reached.
  private func command(_ guest: IDEGuest, _ random: inout FuzzRandom) {
    let code = random.next() % 16 == 0 ? UInt8(random.next() & 0xff) : Self.commands[Int(random.next() % 22)]
    let sector = random.next() % 8 == 0 ? random.next() : random.next() % 310
    let count = random.next() % 16 == 0 ? Int(random.next() & 0xffff) : Int(random.next() % 40)
    guest.command(code, sector: sector, count: count, extended: random.next() % 2 == 0)
  }

  private func writeTable(_ guest: IDEGuest, _ random: inout FuzzRandom) throws {
    let place = 0x1000 + random.next() % 64 * 8
    for index in 0..<random.next() % 12 {
      let base = random.next() % 8 == 0 ? random.next() & 0xffff_ffff : random.next() % 0x40_2000
      let size = random.next() % 3 == 0 ? random.next() & 0xffff : random.next() % 16 * 512
      let flags = random.next() % 6 == 0 ? 1 << 63 : random.next() & 0x7fff << 48
      try guest.memory.store(base | size << 32 | flags, at: GuestAddress(place + index * 8))
    }
    // Now and then the table runs into the end of RAM, or overlays what it moves.
    let places: [UInt64] = [place, place, place, 0x3f_fff0, random.next() & 0xffff_ffff]
    let address = places[Int(random.next() % 5)]
    guest.output(IDEGuest.busMasterBase + 4, address, .long)
  }

  private func configure(_ guest: IDEGuest, _ random: inout FuzzRandom) {
    guest.output(0xcf8, 0x8000_0900 | random.next() & 0xfc, .long)
    guest.output(0xcfc + random.next() % 4, random.next(), [.byte, .word, .long][Int(random.next() % 3)])
    if random.next() % 2 == 0 { restoreConfiguration(guest) }
  }

  private func restoreConfiguration(_ guest: IDEGuest) {
    guest.output(0xcf8, 0x8000_0920, .long)
    guest.output(0xcfc, IDEGuest.busMasterBase, .long)
    guest.setBusMastering(true)
  }

  func recover(_ guest: IDEGuest) {
    restoreConfiguration(guest)
    guest.output(IDEGuest.busMasterBase, 0)
    guest.output(0x3f6, 4)
    guest.output(0x3f6, 0)
  }

  func checkWorks(_ guest: IDEGuest) throws {
    let data = pattern(8 * 512)
    guest.writeByPort(0x30, sector: 200, data)
    try guest.writeTable([(0x2_0000, 4096)])
    try #require(guest.runDMA(0xc8, sector: 200, count: 8, reads: true) == 4)
    try #require(try guest.bytes(at: 0x2_0000, count: 4096) == data)
  }
}
