import Foundation
import Testing

@testable import Images

/// VHD: what the specification has of its metadata, and what makers made of it.
@Suite struct VHDTests {
  private static func create(_ path: String, _ format: ImageFormat, _ options: [String] = [], size: UInt64?) throws {
    try ImageCreation.create(path, ImageOptions(format, options, path: path), size: size)
  }

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
}
