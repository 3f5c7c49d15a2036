import Foundation
import Testing

@testable import Images

/// VMDK: descriptors and sparse extents as they are found.
@Suite struct VMDKTests {
  private static func create(_ path: String, _ format: ImageFormat, _ options: [String] = [], size: UInt64?) throws {
    try ImageCreation.create(path, ImageOptions(format, options, path: path), size: size)
  }

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

  @Test(arguments: [[], ["zeroed_grain=on"]])
  func grainsAtTheEndThatBecomeZerosAreGivenBack(options: [String]) throws {
    let fixture = ImageFixture()
    let image = fixture["a.vmdk"]
    try Self.create(image, .vmdk, options, size: 8 << 20)
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 512, first: 0, generation: 1), at: 0)
    let size = try #require(FileManager.default.attributesOfItem(atPath: image)[.size] as? Int)
    // The third and fourth grain of four, then the second: the first stays.
    try disk.zero(128 << 10, 128 << 10)
    try disk.zero(64 << 10, 64 << 10)
    try disk.close()
    #expect(try FileManager.default.attributesOfItem(atPath: image)[.size] as? Int == size - 192 << 10)
    // The disk stays usable.
    try disk.write(pattern(sectors: 128, first: 128, generation: 2), at: 64 << 10)
    try disk.zero(0, 64 << 10)
    try disk.write(pattern(sectors: 128, first: 0, generation: 1), at: 0)
    try disk.close()
    disk.release()
    #expect(try ImageCheck.check(image, format: nil, repair: .none).isClean)
    let again = try VirtualDisk.open(image)
    #expect(try again.bytes(64 << 10, at: 0) == pattern(sectors: 128, first: 0, generation: 1))
    #expect(try again.bytes(64 << 10, at: 64 << 10) == pattern(sectors: 128, first: 128, generation: 2))
    #expect(try again.bytes(128 << 10, at: 128 << 10).allSatisfy { $0 == 0 })
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
}
