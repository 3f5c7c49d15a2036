import Foundation
import Testing

@testable import Images

/// What the makers of formats mean, one by one.
@Suite struct FormatTests {
  private static func create(_ path: String, _ format: ImageFormat, _ options: [String] = [], size: UInt64?) throws {
    try ImageCreation.create(path, ImageOptions(format, options, path: path), size: size)
  }

  // MARK: VHD

  /// The specification's own examples are few; these are sizes that Virtual PC offers.
  private static let geometries: [(UInt64, VHDGeometry)] = [
    (65536, VHDGeometry(cylinders: 963, heads: 4, sectors: 17)),
    (4_194_304, VHDGeometry(cylinders: 4161, heads: 16, sectors: 63)),
    (266_338_304, VHDGeometry(cylinders: 65278, heads: 16, sectors: 255)),
    (1 << 40, VHDGeometry(cylinders: 65535, heads: 16, sectors: 255)),
  ]

  @Test(arguments: geometries)
  func aGeometryIsCalculatedAsTheSpecificationDoes(sectors: UInt64, expected: VHDGeometry) {
    #expect(VHDGeometry(sectors: sectors) == expected)
  }

  @Test func aFooterIsReadBackAndADamagedOneIsNone() throws {
    let footer = VHDFooter(.dynamic, size: 40 << 30, identifier: Array(1...16), time: 12345, headerOffset: 512)
    #expect(VHDFooter(footer.bytes) == footer)
    #expect(footer.diskSize == 40 << 30)
    for index in [0, 13, 50, 63, 70, 200] {
      var bytes = footer.bytes
      bytes[index] ^= 1
      #expect(VHDFooter(bytes) == nil)
    }
  }

  @Test(arguments: [("vpc ", true), ("qemu", true), ("win ", false), ("qem2", false), ("vbox", false)])
  func theSizeIsTheGeometrysOnlyForMakersWhoMeanThat(creator: String, byGeometry: Bool) throws {
    let footer = VHDFooter(.fixed, size: 1 << 30, identifier: Array(1...16), time: 0, headerOffset: nil)
    var bytes = footer.bytes
    bytes.store(Array(creator.utf8), at: 28)
    bytes.store(big: VHDFooter.checksum(bytes, at: 64), at: 64)
    let geometry = VHDGeometry(sectors: (1 << 30) / 512)
    #expect(try #require(VHDFooter(bytes)).diskSize == (byGeometry ? geometry.total * 512 : 1 << 30))
    #expect(geometry.total * 512 < 1 << 30)
  }

  @Test func aDynamicVHDWithoutAFooterAtTheEndIsReadByItsCopyAndRepaired() throws {
    let fixture = ImageFixture()
    let image = fixture["a.vhd"]
    try Self.create(image, .vpc, size: 8 << 20)
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 4, first: 9, generation: 1), at: 9 * 512)
    try disk.close()
    try disk.driver.files[0].truncate(to: disk.driver.files[0].size - 512)
    disk.release()
    #expect(try VirtualDisk.open(image).bytes(2048, at: 9 * 512) == pattern(sectors: 4, first: 9, generation: 1))
    #expect(try ImageCheck.check(image, format: nil, repair: .none).corruptions == 1)
    #expect(try ImageCheck.check(image, format: nil, repair: .all).isClean)
    #expect(try ImageCheck.check(image, format: nil, repair: .none).isClean)
  }

  @Test func aDifferencingVHDHasItsParentsSectorsBesideItsOwnAndKnowsItsParent() throws {
    let fixture = ImageFixture()
    let (parent, image) = (fixture["Eltern bild.vhd"], fixture["a.vhd"])
    try Self.create(parent, .vpc, size: 8 << 20)
    let base = try VirtualDisk.open(parent, OpenOptions(readOnly: false))
    try base.write(pattern(sectors: 64, first: 0, generation: 1), at: 0)
    try base.close()
    base.release()
    try Self.create(image, .vpc, ["subformat=differencing", "backing_file=Eltern bild.vhd"], size: nil)
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 2, first: 7, generation: 2), at: 7 * 512)
    let expected =
      pattern(sectors: 7, first: 0, generation: 1) + pattern(sectors: 2, first: 7, generation: 2)
      + pattern(sectors: 55, first: 9, generation: 1)
    #expect(try disk.bytes(64 * 512, at: 0) == expected)
    try disk.close()
    disk.release()
    #expect(try VirtualDisk.open(image).bytes(64 * 512, at: 0) == expected)
    // Another image in the parent's place.
    try FileManager.default.removeItem(atPath: parent)
    try Self.create(parent, .vpc, size: 8 << 20)
    #expect(throws: ImageError.self) { try VirtualDisk.open(image) }
  }

  // MARK: VMDK

  @Test(arguments: ["\n", "\r\n"])
  func aDescriptorIsReadWithAnyLineEndSpacesAndLetters(ending: String) throws {
    let fixture = ImageFixture()
    let name = "Büro – Platte 1-flat.vmdk"
    try Data(pattern(sectors: 8, first: 0, generation: 3)).write(to: URL(filePath: fixture[name]))
    let text = [
      "# Disk DescriptorFile", "version = 1", "encoding=\"UTF-8\"", "CID = 0badc0de", "parentCID=ffffffff",
      "isNativeSnapshot=\"no\"",
      "createType = \"monolithicFlat\"", "", "# Extent description", "  RW\t8  FLAT  \"\(name)\" 0  ", "",
      "ddb.adapterType = \"ide\"", "",
    ].joined(separator: ending)
    try Data(text.utf8).write(to: URL(filePath: fixture["a.vmdk"]))
    let disk = try VirtualDisk.open(fixture["a.vmdk"])
    #expect(disk.format == .vmdk)
    #expect(disk.size == 4096)
    #expect(try disk.bytes(4096, at: 0) == pattern(sectors: 8, first: 0, generation: 3))
  }

  @Test func aDescriptorInWindowsLettersIsWrittenBackInThem() throws {
    let bytes =
      Array(
        "# Disk DescriptorFile\nversion=1\nencoding=\"windows-1252\"\nCID=00000001\ncreateType=\"custom\"\nRW 1 ZERO\n# B"
          .utf8) + [0xfc]
    let descriptor = try VMDKDescriptor(bytes, path: "x")
    #expect(descriptor.encoded == bytes)
  }

  @Test func aSparseVMDKThatWasNotClosedSaysSoAndIsRead() throws {
    let fixture = ImageFixture()
    let image = fixture["a.vmdk"]
    try Self.create(image, .vmdk, size: 8 << 20)
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 4, first: 9, generation: 1), at: 9 * 512)
    try disk.flush()
    disk.release()
    let again = try VirtualDisk.open(image)
    #expect(again.info.details.contains(ImageInfo.Detail("unclean", true)))
    #expect(try again.bytes(2048, at: 9 * 512) == pattern(sectors: 4, first: 9, generation: 1))
    again.release()
    _ = try ImageCheck.check(image, format: nil, repair: .all)
    #expect(try !VirtualDisk.open(image).info.details.contains(ImageInfo.Detail("unclean", true)))
  }

  @Test func aVMDKsParentMustBeTheOneItWasMadeOn() throws {
    let fixture = ImageFixture()
    let (parent, image) = (fixture["parent.vmdk"], fixture["a.vmdk"])
    try Self.create(parent, .vmdk, size: 8 << 20)
    try Self.create(image, .vmdk, ["backing_file=parent.vmdk"], size: nil)
    #expect(throws: Never.self) { try VirtualDisk.open(image) }
    let base = try VirtualDisk.open(parent, OpenOptions(readOnly: false))
    try base.write(pattern(sectors: 1, first: 0, generation: 1), at: 0)
    try base.close()
    base.release()
    #expect(throws: ImageError.self) { try VirtualDisk.open(image) }
  }

  @Test func aStreamOptimizedVMDKIsReadBackAndNotWritten() throws {
    let fixture = ImageFixture()
    let (source, stream) = (fixture["a.qcow2"], fixture["b.vmdk"])
    try Self.create(source, .qcow2, size: (70 << 20) + 512)
    let disk = try VirtualDisk.open(source, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 300, first: 100, generation: 1), at: 100 * 512)
    try disk.write(pattern(sectors: 1, first: disk.size / 512 - 1, generation: 1), at: disk.size - 512)
    try disk.flush()
    try ImageConversion.convert(disk, to: stream, ImageOptions(.vmdk, ["subformat=streamOptimized"], path: stream))
    #expect(try ImageComparison.compare(disk, VirtualDisk.open(stream)) == .identical)
    #expect(throws: ImageError.self) { try VirtualDisk.open(stream, OpenOptions(readOnly: false)) }
    if let tool = OtherTool.qemuImage {
      let compared = try tool.run(["convert", "-O", "raw", stream, fixture["c.raw"]])
      #expect(compared.status == 0, "\(compared.output)")
      #expect(try ImageComparison.compare(disk, VirtualDisk.open(fixture["c.raw"])) == .identical)
      let check = try tool.run(["check", stream])
      #expect(check.status == 0, "\(check.output)")
    }
  }

  // MARK: qcow2

  private static func set(_ bit: UInt64, in image: String) throws {
    let file = try ImageFile(image, readOnly: false)
    var field = try file.bytes(8, at: 72)
    field.store(big: field.big(UInt64.self, at: 0) | bit, at: 0)
    try file.write(field, at: 72)
    file.unlock()
  }

  @Test func aCorruptImageIsReadAndNotWrittenUntilItIsRepaired() throws {
    let fixture = ImageFixture()
    let image = fixture["a.qcow2"]
    try Self.create(image, .qcow2, size: 1 << 20)
    try Self.set(QCOW2Header.Incompatible.corrupt, in: image)
    #expect(throws: Never.self) { try VirtualDisk.open(image) }
    #expect(throws: ImageError.self) { try VirtualDisk.open(image, OpenOptions(readOnly: false)) }
    #expect(try ImageCheck.check(image, format: nil, repair: .all).isClean)
    #expect(throws: Never.self) { try VirtualDisk.open(image, OpenOptions(readOnly: false)) }
  }

  @Test func aDirtyImageIsCountedAnewBeforeItIsWritten() throws {
    let fixture = ImageFixture()
    let image = fixture["a.qcow2"]
    try Self.create(image, .qcow2, size: 1 << 20)
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 300, first: 0, generation: 1), at: 0)
    try disk.close()
    // The count of a cluster that is in use: whoever keeps no counts leaves them so.
    let driver = try #require(disk.driver as? QCOW2Driver)
    try driver.refcounts.setCount(disk.driver.find(0, 512).position >> 16, to: 0)
    try driver.refcounts.writeBlocks()
    disk.release()
    try Self.set(QCOW2Header.Incompatible.dirty, in: image)
    #expect(try ImageCheck.check(image, format: nil, repair: .none).corruptions > 0)
    let again = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    #expect(try again.bytes(512, at: 0) == pattern(sectors: 1, first: 0, generation: 1))
    again.release()
    #expect(try ImageCheck.check(image, format: nil, repair: .none).isClean)
  }

  @Test(arguments: zip([UInt64(2), 4, 40], ["external data file", "extended L2", "bit 40"]))
  func aFeatureThatIsNotSupportedIsNamed(bit: UInt64, name: String) throws {
    let fixture = ImageFixture()
    let image = fixture["a.qcow2"]
    try Self.create(image, .qcow2, size: 1 << 20)
    try Self.set(1 << bit, in: image)
    do throws(ImageError) {
      _ = try VirtualDisk.open(image)
      Issue.record("it was opened")
    } catch {
      #expect(error.kind == .unsupported)
      #expect(error.reason.contains(name), "\(error.reason)")
    }
  }

  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"), arguments: ["zlib", "zstd"])
  func compressedClustersAreReadAndWrittenElsewhere(compression: String) throws {
    let tool = try #require(OtherTool.qemuImage)
    let fixture = ImageFixture()
    let (raw, image) = (fixture["a.raw"], fixture["a.qcow2"])
    var content = pattern(sectors: 64, first: 0, generation: 1)
    content +=
      [UInt8](repeating: 7, count: 1 << 20)
      + Array(repeating: pattern(sectors: 4, first: 3, generation: 2), count: 200).joined()
    try Data(content).write(to: URL(filePath: raw))
    let made = try tool.run(
      ["convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "compression_type=\(compression)", raw, image])
    try #require(made.status == 0, "\(made.output)")
    #expect(try ImageComparison.compare(VirtualDisk.open(raw), VirtualDisk.open(image)) == .identical)
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    let other = try VirtualDisk.open(raw, OpenOptions(format: .raw, readOnly: false))
    for one in [disk, other] { try one.write(pattern(sectors: 9, first: 500, generation: 5), at: 500 * 512) }
    try disk.close()
    disk.release()
    #expect(try ImageComparison.compare(disk, other) == .identical)
    #expect(try ImageCheck.check(image, format: nil, repair: .none).isClean)
    let checked = try tool.run(["check", image])
    #expect(checked.status == 0, "\(checked.output)")
  }

  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"))
  func aSnapshotKeepsWhatItHasWhenTheImageIsWritten() throws {
    let tool = try #require(OtherTool.qemuImage)
    let fixture = ImageFixture()
    let image = fixture["a.qcow2"]
    try Self.create(image, .qcow2, size: 4 << 20)
    let first = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try first.write(pattern(sectors: 400, first: 0, generation: 1), at: 0)
    try first.close()
    first.release()
    #expect(try tool.run(["snapshot", "-c", "s1", image]).status == 0)
    let second = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try second.write(pattern(sectors: 10, first: 5, generation: 2), at: 5 * 512)
    try second.zero(65536 * 2, 65536)
    try second.close()
    second.release()
    let checked = try tool.run(["check", image])
    #expect(checked.status == 0, "\(checked.output)")
    #expect(try ImageCheck.check(image, format: nil, repair: .none).isClean)
    #expect(try tool.run(["snapshot", "-a", "s1", image]).status == 0)
    #expect(try VirtualDisk.open(image).bytes(400 * 512, at: 0) == pattern(sectors: 400, first: 0, generation: 1))
  }

  // MARK: All

  @Test func anImageThatIsWrittenIsNotOpenedByAnother() throws {
    let fixture = ImageFixture()
    let image = fixture["a.qcow2"]
    try Self.create(image, .qcow2, size: 1 << 20)
    let writer = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    #expect(throws: ImageError.self) { try VirtualDisk.open(image) }
    if let tool = OtherTool.qemuImage {
      #expect(try tool.run(["info", image]).status != 0 || tool.run(["check", "-r", "all", image]).status != 0)
    }
    writer.release()
    #expect(throws: Never.self) { try VirtualDisk.open(image) }
  }

  @Test func nothingThatIsThereIsReplacedUnlessThatIsAsked() throws {
    let fixture = ImageFixture()
    let image = fixture["a.vmdk"]
    try Data("kept".utf8).write(to: URL(filePath: image))
    #expect(throws: ImageError.self) { try Self.create(image, .vmdk, size: 1 << 20) }
    #expect(try String(contentsOfFile: image, encoding: .utf8) == "kept")
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path) == ["a.vmdk"])
    try ImageCreation.create(image, ImageOptions(.vmdk, path: image), size: 1 << 20, replaces: true)
    #expect(try VirtualDisk.open(image).format == .vmdk)
  }

  @Test func aConversionThatIsInterruptedLeavesNothing() throws {
    let fixture = ImageFixture()
    let (source, target) = (fixture["a.raw"], fixture["b.vmdk"])
    try Data(pattern(sectors: 16384, first: 0, generation: 1)).write(to: URL(filePath: source))
    for subformat in VMDKCreation.Kind.allCases {
      #expect(throws: ImageError.self) {
        try ImageConversion.convert(
          VirtualDisk.open(source), to: target, ImageOptions(.vmdk, ["subformat=\(subformat.rawValue)"], path: target),
          ImageConversion.Settings(), ImageTask(isInterrupted: { true }))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path) == ["a.raw"])
    }
  }
}
