import ELF
import LinuxSystem
import Probe
import ProbeABI
import TestSupport
import Testing

@Suite struct ProbeImageTests {
  /// The refusal of the probe with some bytes of its file changed; nil where it is taken.
  private func refusal(_ change: (inout [UInt8], _ header: Int) -> Void) throws -> String? {
    let probe = try ProbeImage.bundled()
    var bytes = probe.elf.bytes
    change(&bytes, probe.elf.segments[0].file.lowerBound)
    let file = try TemporaryFile(bytes, suffix: ".elf")
    do throws(ProbeImageError) {
      _ = try ProbeImage(path: file.path)
      return nil
    } catch { return error.description }
  }

  private func put(_ value: UInt64, _ bytes: inout [UInt8], at place: Int, count: Int = 8) {
    for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  @Test func theUnchangedProbeIsTaken() throws {
    #expect(try refusal { _, _ in } == nil)
  }

  @Test func aForeignExecutableIsRefused() throws {
    #expect(try refusal { bytes, header in bytes[header] ^= 1 }?.contains("found no image header") == true)
  }

  @Test func anotherVersionIsNamed() throws {
    let message = try refusal { bytes, header in put(99, &bytes, at: header + 8, count: 4) }
    #expect(
      message?.hasSuffix("expected a NearMetal probe with interface version 3, found interface version 99") == true)
  }

  @Test func anEntryOutsideTheCodeIsRefused() throws {
    for entry in [0, 0x1000, .max] as [UInt64] {
      let message = try refusal { bytes, header in put(entry, &bytes, at: header + 16) }
      #expect(message?.contains("a native entry outside its code") == true)
    }
  }

  /// Program headers begin at byte 64; virtual address at 16, memory size at 40 of each. A mapping of any of these would
  /// need more than there is, or an address that is none.
  @Test(
    arguments: [
      (64 + 16, 0), (64 + 56 + 16, 0xffff_ffff_0000_0000), (64 + 56 + 40, 1 << 40),
      (64 + 56 + 40, 0x7fff_ffff_0000_0000),
    ] as [(Int, UInt64)])
  func segmentsThatCannotBeMappedAreRefused(place: Int, value: UInt64) throws {
    #expect(try refusal { bytes, _ in put(value, &bytes, at: place) } != nil)
  }

  @Test func aTruncatedProbeIsRefused() throws {
    #expect(try refusal { bytes, _ in bytes.removeLast(bytes.count / 2) } != nil)
    #expect(
      try refusal { bytes, _ in bytes = [] }?.contains("an ELF header of at least 52 bytes, found 0 bytes") == true)
  }

  @Test func aMissingFileIsNamed() {
    let error = #expect(throws: ProbeImageError.self) { _ = try ProbeImage(path: "/nowhere/probe.elf") }
    #expect(error?.description.hasPrefix("/nowhere/probe.elf: cannot be read") == true)
  }
}
