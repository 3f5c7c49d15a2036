import Devices
import Testing

@Suite struct IDEIdentifyTests {
  private func words(_ guest: IDEGuest) -> [UInt16] {
    guest.command(0xec)
    let bytes = guest.inputWords(512)
    return (0..<256).map { UInt16(bytes[$0 * 2]) | UInt16(bytes[$0 * 2 + 1]) << 8 }
  }

  private func text(_ words: ArraySlice<UInt16>) -> String {
    String(decoding: words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }, as: UTF8.self)
  }

  @Test func theChecksumOfWord255MakesAllBytesSumToZero() throws {
    let all = words(try IDEGuest())
    #expect(all[255] & 0xff == 0xa5)
    #expect(all.reduce(UInt8(0)) { $0 &+ UInt8($1 & 0xff) &+ UInt8($1 >> 8) } == 0)
  }

  @Test(arguments: [4096, 0x0fff_ffff, 0x1000_0000, 0x4000_0000_00])
  func capacityIsToldForBothAddressLengths(sectors: UInt64) throws {
    let all = words(try IDEGuest(sectors: sectors))
    #expect(UInt64(all[60]) | UInt64(all[61]) << 16 == min(sectors, 0x0fff_ffff))
    #expect((0..<4).reduce(UInt64(0)) { $0 | UInt64(all[100 + $1]) << UInt64($1 * 16) } == sectors)
  }

  @Test func featuresModesAndNamesAreThoseOfTheDrive() throws {
    let all = words(try IDEGuest())
    #expect(all[0] & 0x8000 == 0)
    #expect(all[47] == 0x8010)
    #expect(all[49] & 0x0300 == 0x0300, "LBA and DMA")
    #expect(all[83] & 0xc000 == 0x4000)
    #expect(all[83] & 0x3400 == 0x3400, "48-bit addresses and both flushes")
    #expect(all[85] & 0x0020 != 0, "write cache on")
    #expect(all[88] == 0x203f)
    #expect(text(all[27..<47]) == "NearMetal IDE disk".padded(to: 40))
    #expect(text(all[10..<20]) == "NM0001".padded(to: 20))
  }

  @Test func setFeaturesAndSETMultipleShowInTheWordsThatFollow() throws {
    let guest = try IDEGuest()
    guest.command(0xef, count: 0x22, feature: 0x03)
    #expect(guest.status == 0x50)
    guest.command(0xef, feature: 0x82)
    guest.command(0xc6, count: 8)
    let all = words(guest)
    #expect(all[63] == 0x0407)
    #expect(all[88] == 0x003f)
    #expect(all[85] & 0x0020 == 0)
    #expect(all[59] == 0x0108)

    for bad in [(0xc6, 3, 0), (0xc6, 32, 0), (0xef, 0x23, 0x03), (0xef, 0, 0x55)] {
      guest.command(UInt8(bad.0), count: bad.1, feature: UInt8(bad.2))
      #expect(guest.status & 1 == 1)
      #expect(guest.error == 0x04)
    }
  }
}

extension String {
  fileprivate func padded(to count: Int) -> String { self + String(repeating: " ", count: count - self.count) }
}
