import Storage
import Testing

@Suite struct DiskPatternTests {
  @Test func theMixerIsSplitmix64sItsFirstOutputsFromSeed0AreThePublishedOnes() {
    #expect(DiskPattern.mix(0x9E37_79B9_7F4A_7C15) == 0xE220_A839_7B1D_CDAF)
    #expect(DiskPattern.mix(0x9E37_79B9_7F4A_7C15 &* 2) == 0x6E78_9E6A_A1B9_65F4)
  }

  @Test func aWordIsTheDocumentedSumMixed() {
    let sum: UInt64 = 11 &+ 5 &* 0x9E37_79B9_7F4A_7C15 &+ 2 &* 0xD1B5_4A32_D192_ED03 &+ 63 &* 0x8CB9_2BA7_2F3D_8DD7
    #expect(DiskPattern.word(63, sector: 5, seed: 11, generation: 2) == DiskPattern.mix(sum))
  }

  @Test(arguments: [0, 511, 512, 2047])
  func oneWrongByteAnywhereIsFoundInItsSector(byte: Int) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 8)
    defer { unsafe buffer.deallocate() }
    unsafe DiskPattern.fill(buffer, firstSector: 100, seed: 1)
    #expect(unsafe DiskPattern.firstMismatch(in: UnsafeRawBufferPointer(buffer), firstSector: 100, seed: 1) == nil)
    unsafe buffer[byte] ^= 1
    let found = unsafe DiskPattern.firstMismatch(in: UnsafeRawBufferPointer(buffer), firstSector: 100, seed: 1)
    #expect(found == 100 + UInt64(byte / 512))
  }

  @Test func anotherSeedGenerationOrPlaceIsAnotherPattern() {
    let word = DiskPattern.word(0, sector: 5, seed: 1, generation: 0)
    #expect(word != DiskPattern.word(0, sector: 5, seed: 2, generation: 0))
    #expect(word != DiskPattern.word(0, sector: 5, seed: 1, generation: 1))
    #expect(word != DiskPattern.word(0, sector: 6, seed: 1, generation: 0))
    #expect(word != DiskPattern.word(1, sector: 5, seed: 1, generation: 0))
  }
}
