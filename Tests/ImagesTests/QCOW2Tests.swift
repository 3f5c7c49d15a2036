import Foundation
import Testing

@testable import Images

/// qcow2: its marks, its features, compressed clusters, snapshots.
@Suite struct QCOW2Tests {
  private static func create(_ path: String, _ format: ImageFormat, _ options: [String] = [], size: UInt64?) throws {
    try ImageCreation.create(path, ImageOptions(format, options, path: path), size: size)
  }

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
}
