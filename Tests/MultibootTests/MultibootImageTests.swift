import Statistics
import Testing

@testable import Multiboot

@Suite struct MultibootImageTests {
  private func message(_ builder: MultibootBuilder) -> String? { message(builder.bytes) }

  private func message(_ bytes: [UInt8]) -> String? {
    do throws(MultibootError) {
      _ = try MultibootImage(bytes, name: "kernel")
      return nil
    } catch { return error.description }
  }

  @Test func theAddressesOfTheHeaderSayWhatGoesWhere() throws {
    var builder = MultibootBuilder.withAddresses
    builder.padding = 8
    builder.addresses?.header = 0x10_0004
    builder.addresses?.zeroEnd = 0x10_0100
    let image = try MultibootImage(builder.bytes, name: "kernel")
    #expect(image.pieces == [.init(address: 0x10_0000, file: 4..<43, memorySize: 0x100)])
    #expect(image.entry == 0x10_0020)
  }

  @Test func theEndOfTheLoadCutsTheFile() throws {
    var builder = MultibootBuilder.withAddresses
    builder.addresses?.loadEnd = 0x10_0021
    #expect(
      try MultibootImage(builder.bytes, name: "kernel").pieces == [
        .init(address: 0x10_0000, file: 0..<33, memorySize: 33)
      ])
  }

  @Test func theSegmentsOfAnELFFileSayWhatGoesWhere() throws {
    var builder = MultibootBuilder.inELF
    builder.segment?.memorySize = 0x2000
    let image = try MultibootImage(builder.bytes, name: "kernel")
    #expect(image.pieces == [.init(address: 0x10_0000, file: 84..<99, memorySize: 0x2000)])
    #expect(image.entry == 0x10_000c)
  }

  @Test func anEntryThatIsVirtualBecomesPhysical() throws {
    var builder = MultibootBuilder.inELF
    builder.segment?.virtual = 0xc010_0000
    builder.segment?.entry = 0xc010_000c
    #expect(try MultibootImage(builder.bytes, name: "kernel").entry == 0x10_000c)
  }

  @Test func addressesCountMoreThanTheELFFileAroundThem() throws {
    var builder = MultibootBuilder.inELF
    builder.addresses = .init(header: 0x20_0000, load: 0x20_0000, entry: 0x20_0020)
    #expect(try MultibootImage(builder.bytes, name: "kernel").pieces.map(\.address) == [0x20_0000])
  }

  @Test(arguments: [(0, true), (4, true), (8180, true), (8184, false), (2, false), (8192, false)])
  func aHeaderIsFoundOnABorderOfFourInTheFirst8192Bytes(padding: Int, isFound: Bool) {
    var builder = MultibootBuilder()
    builder.padding = padding
    #expect(MultibootImage.isImage(builder.bytes) == isFound)
  }

  @Test func aHeaderWithAddressesLiesWholeInTheFirst8192Bytes() {
    var builder = MultibootBuilder.withAddresses
    builder.padding = 8160
    builder.addresses?.load = 0x10_0000 - 8160
    #expect(message(builder) == nil)
    builder.padding = 8164
    #expect(message(builder)?.contains("its header at byte 8164 has 32 bytes") == true)
  }

  @Test func aWrongChecksumOrMagicIsNoHeader() {
    var builder = MultibootBuilder.withAddresses
    builder.checksum = 1
    #expect(message(builder)?.hasPrefix("kernel: no kernel: expected a Multiboot header") == true)
    builder = .withAddresses
    builder.magic = 0xe852_50d6
    #expect(!MultibootImage.isImage(builder.bytes))
    #expect(!MultibootImage.isImage([]))
    #expect(!MultibootImage.isImage([0x02, 0xb0, 0xad, 0x1b]))
  }

  @Test func aSecondHeaderIsTakenWhereTheFirstIsNone() throws {
    var wrong = MultibootBuilder()
    wrong.checksum = 7
    wrong.code = [0, 0, 0, 0]
    var builder = MultibootBuilder.withAddresses
    builder.addresses?.header = 0x10_0010
    #expect(try MultibootImage(wrong.bytes + builder.bytes, name: "kernel").entry == 0x10_0020)
  }

  @Test func whatALoaderMustHaveAndThisHasNotIsRefused() {
    var builder = MultibootBuilder.withAddresses
    builder.flags = 0x7
    #expect(message(builder)?.contains("asks for a video mode") == true)
    builder.flags = 0x8001
    #expect(message(builder)?.hasSuffix("flags 0x8000") == true)
    // The upper half only offers.
    builder.flags = 0xfffe_0000
    #expect(message(builder) == nil)
    builder.flags = 0
    #expect(message(builder) == nil)
  }

  private static let addresses: [(change: @Sendable (inout MultibootBuilder.Addresses) -> Void, words: String)] = [
    ({ $0.load = 0x10_0004 }, "says to lie at 0x100000 and the first byte at 0x100004"),
    ({ $0.load = 0xf_fffc }, "says to lie"), ({ $0.load = 0 }, "says to lie"),
    ({ $0.loadEnd = 0x10_0100 }, "from 0x100000 to 0x100100, of 35 bytes there are"),
    ({ $0.loadEnd = 0x10_0024 }, "to be loaded"), ({ $0.loadEnd = 1 }, "to be loaded"),
    ({ $0.loadEnd = .max }, "to be loaded"), ({ $0.zeroEnd = 0x10_0022 }, "ends at 0x100022, before 0x100023"),
    ({ $0.zeroEnd = 1 }, "zeroed ends"), ({ $0.entry = 0x10_0023 }, "its entry 0x100023"),
    ({ $0.entry = 0xf_ffff }, "its entry"), ({ $0.entry = .max }, "its entry"),
  ]

  @Test(arguments: addresses.indices)
  func addressesThatCannotBeAreRefused(index: Int) throws {
    var builder = MultibootBuilder.withAddresses
    Self.addresses[index].change(&builder.addresses!)
    #expect(message(builder)?.contains(Self.addresses[index].words) == true, "\(message(builder) ?? "taken")")
  }

  @Test func nothingToLoadIsRefused() {
    var builder = MultibootBuilder.withAddresses
    builder.addresses?.loadEnd = 0x10_0000
    #expect(message(builder)?.contains("damaged") == true)
  }

  private static let segments: [(change: @Sendable (inout MultibootBuilder.Segment) -> Void, words: String)] = [
    ({ $0.fileSize = 16 }, "segment 0 at bytes"), ({ $0.fileSize = .max }, "segment 0 at bytes"),
    ({ $0.memorySize = 14 }, "14 below 15"), ({ $0.memorySize = 0 }, "0 below 15"),
    ({ $0.entry = 0x10_000f }, "its entry 0x10000f"), ({ $0.entry = 0xf_ffff }, "its entry"),
    ({ ($0.fileSize, $0.memorySize) = (0, 0) }, "its entry"), ({ $0.count = 65 }, "1 to 64 program headers"),
    ({ ($0.physical, $0.virtual, $0.memorySize, $0.entry) = (.max, 0, 0x1000, 16) }, "its entry 0x10000000f"),
  ]

  @Test(arguments: segments.indices)
  func segmentsThatCannotBeAreRefused(index: Int) {
    var builder = MultibootBuilder.inELF
    Self.segments[index].change(&builder.segment!)
    #expect(message(builder)?.contains(Self.segments[index].words) == true, "\(message(builder) ?? "taken")")
  }

  @Test func otherFilesWithAHeaderWithoutAddressesAreRefused() {
    #expect(message(MultibootBuilder())?.contains("no ELF file") == true)
  }

  @Test func anELFFileOf64BitsIsRefusedWithWhatToDo() {
    let start: UInt64 = 64 + 56
    var bytes: [UInt8] =
      [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9) + [2, 0, 62, 0, 1, 0, 0, 0]
    func little(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) } }
    bytes += little(0x10_000c) + little(64) + little(0) + [0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    bytes += [1, 0, 0, 0, 7, 0, 0, 0] + [start, 0x10_0000, 0x10_0000, 15, 15, 4096].flatMap(little)
    bytes += MultibootBuilder().bytes
    #expect(message(bytes)?.contains("expected a 32-bit one, as objcopy -O elf32-i386 makes it") == true)
    // Addresses in the header make it no matter.
    var builder = MultibootBuilder.withAddresses
    builder.addresses?.header = 0x10_0078
    builder.addresses?.entry = 0x10_0098
    #expect(message(Array(bytes.prefix(Int(start))) + builder.bytes) == nil)
  }

  @Test func everyTruncationIsAnErrorOrLessToLoad() {
    let whole = MultibootBuilder.inELF.bytes
    for count in 0..<whole.count { #expect(message(Array(whole[..<count])) != nil, "\(count) bytes") }
  }

  /// The property is that reading ends, with an image whose ranges lie inside the file or with an error.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func damageNeverLeadsOutsideTheFile(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var accepted = 0
    for round in 0..<5000 {
      var bytes = (round % 2 == 0 ? MultibootBuilder.withAddresses : MultibootBuilder.inELF).bytes
      let header = round % 2 == 0 ? 0 : 84
      for _ in 0...random.next() % 4 {
        let place = Int(random.next() % UInt64(bytes.count))
        // Its checksum would only hide the rest.
        if (header..<header + 12).contains(place) { continue }
        bytes[place] = [UInt8(truncatingIfNeeded: random.next()), 0, 0xff, 0x80, 0x7f].randomElement(using: &random)!
      }
      guard let image = try? MultibootImage(bytes, name: "kernel") else { continue }
      accepted += 1
      for piece in image.pieces {
        #expect(piece.file.upperBound <= bytes.count)
        #expect(piece.memorySize > 0 && UInt64(piece.file.count) <= piece.memorySize)
        #expect(piece.address <= UInt64(UInt32.max) && piece.memorySize <= UInt64(UInt32.max))
      }
    }
    #expect(accepted > 0)
  }
}
