import ELF
import Probe
import Statistics
import Testing

@Suite struct ELFImageTests {
  private func message(_ bytes: [UInt8]) -> String? {
    do throws(ELFError) {
      _ = try ELFImage(bytes, name: "file")
      return nil
    } catch { return error.description }
  }

  @Test func anExecutableHasItsSegmentsEntryAndNote() throws {
    let image = try ELFImage(ELFBuilder.small().bytes, name: "file")
    #expect(image.segments.count == 1)
    let segment = try #require(image.segments.first)
    #expect((segment.physicalAddress, segment.virtualAddress, segment.memorySize) == (0x10_0000, 0x10_0000, 8192))
    #expect(Array(image.bytes[segment.file]) == [0xf4, 0xeb, 0xfd, 0x90])
    #expect(segment.isExecutable && !segment.isWritable)
    #expect(image.entry == 0x10_0000)
    #expect(image.pvhEntry == 0x10_0000)
  }

  @Test func theProbeIsAnExecutableWithAPVHNote() throws {
    let image = try ProbeImage.bundled().elf
    #expect(image.pvhEntry == UInt32(image.entry))
    #expect(image.segments.contains { $0.isExecutable && !$0.isWritable })
    #expect(!image.segments.contains { $0.isExecutable && $0.isWritable })
  }

  @Test func everyTruncationIsAnError() {
    let whole = ELFBuilder.small().bytes
    #expect(message(whole) == nil)
    for count in 0..<whole.count { #expect(message(Array(whole[..<count])) != nil, "\(count) bytes") }
  }

  @Test func aTruncatedTableSaysHowMuchIsThere() {
    let bytes = Array(ELFBuilder.small().bytes[..<100])
    #expect(
      message(bytes) == "file: expected program headers at bytes 64..<176, found a file of 100 bytes (truncated?)")
  }

  private static let headers: [(offset: Int, value: UInt8, expected: String)] = [
    (0, 0x7e, "an ELF file"), (4, 1, "i386 (machine 3)"), (4, 3, "32-bit or 64-bit"), (5, 2, "little-endian"),
    (16, 3, "type 2"), (18, 3, "machine 62"),
    (54, 57, "headers of 56 bytes"), (56, 0, "1 to 64 program headers"), (56, 65, "1 to 64 program headers"),
    (57, 255, "1 to 64 program headers"), (39, 0x80, "program headers at bytes"),
  ]

  @Test(arguments: headers)
  func aWrongHeaderFieldIsNamed(offset: Int, value: UInt8, expected: String) {
    var bytes = ELFBuilder.small().bytes
    bytes[offset] = value
    #expect(message(bytes)?.contains(expected) == true)
  }

  @Test func aFileWithoutALoadableSegmentIsRefused() {
    var builder = ELFBuilder.small()
    builder.segments[0].type = 2
    #expect(message(builder.bytes)?.contains("a loadable segment") == true)
  }

  private static let segments: [@Sendable (inout ELFBuilder.Segment) -> Void] = [
    { $0.offset = .max }, { $0.offset = .max - 3 }, { $0.fileSize = .max }, { $0.fileSize = 1 << 32 },
    { $0.fileSize = 9000 }, { $0.memorySize = 3 }, { $0.memorySize = .max }, { $0.physical = .max - 8191 },
    { $0.virtual = .max - 8191 }, { $0.physical = .max },
  ]

  @Test(arguments: segments.indices)
  func aSegmentThatEndsNowhereIsRefused(index: Int) {
    var builder = ELFBuilder.small()
    Self.segments[index](&builder.segments[0])
    #expect(message(builder.bytes)?.contains("segment 0") == true)
  }

  @Test func overlappingSegmentsKeepTheirOrder() throws {
    var builder = ELFBuilder.small()
    builder.segments[1] = builder.segments[0]
    builder.segments[1].physical += 2
    let image = try ELFImage(builder.bytes, name: "file")
    #expect(image.segments.map(\.physicalAddress) == [0x10_0000, 0x10_0002])
    #expect(image.pvhEntry == nil)
  }

  private static let xen: [UInt8] = [0x58, 0x65, 0x6e, 0]

  private func withNotes(_ notes: [UInt8], size: UInt64? = nil) -> [UInt8] {
    var builder = ELFBuilder.small()
    builder.content = [0xf4, 0xeb, 0xfd, 0x90] + notes
    builder.segments[1].fileSize = size ?? UInt64(notes.count)
    return builder.bytes
  }

  @Test func notesOfOthersArePassedOver() throws {
    let others =
      ELFBuilder.note(name: Array("GNU".utf8) + [0], type: 18, descriptor: [9, 9, 9, 9])
      + ELFBuilder.note(name: Self.xen, type: 5, descriptor: [9]) + ELFBuilder.note(name: [], type: 0, descriptor: [])
    let notes = others + ELFBuilder.note(name: Self.xen, type: 18, descriptor: [0x40, 0, 0x20, 0, 0, 0, 0, 0])
    #expect(try ELFImage(withNotes(notes), name: "file").pvhEntry == 0x20_0040)
    #expect(try ELFImage(withNotes(others), name: "file").pvhEntry == nil)
  }

  @Test func damagedNotesAreRefused() {
    let good = ELFBuilder.note(name: Self.xen, type: 18, descriptor: [0, 0, 0x10, 0])
    for place in [0, 3, 4, 7] {
      var notes = good
      notes[place] = 0xff
      #expect(message(withNotes(notes)) != nil, "byte \(place)")
    }
    #expect(
      message(withNotes(ELFBuilder.note(name: Self.xen, type: 18, descriptor: [1])))?.contains("4 or 8 bytes") == true)
    #expect(message(withNotes(good, size: 16))?.contains("cut off") == true)
    #expect(message(withNotes(good, size: 21)) != nil)
  }

  /// The property is that reading ends, with an image whose ranges lie inside the file or with an error.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func damageNeverLeadsOutsideTheFile(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let whole = ELFBuilder.small().bytes
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = whole
      for _ in 0...random.next() % 6 {
        let place = Int(random.next() % UInt64(bytes.count))
        bytes[place] = [UInt8(truncatingIfNeeded: random.next()), 0, 0xff, 0x80, 0x7f].randomElement(using: &random)!
      }
      guard let image = try? ELFImage(bytes, name: "file") else { continue }
      accepted += 1
      for segment in image.segments {
        #expect(segment.file.upperBound <= bytes.count)
        #expect(UInt64(segment.file.count) <= segment.memorySize)
        #expect(!segment.physicalAddress.addingReportingOverflow(segment.memorySize).overflow)
      }
    }
    #expect(accepted > 0)
  }
}
