import Foundation
import Testing

@testable import Images

/// Commit and rebase: content goes from image to image, and stays what it was.
@Suite struct ChainTests {
  private static let size: UInt64 = 6 << 20

  /// An image on a parent, each with content of its own.
  private static func chain(_ format: ImageFormat, _ fixture: ImageFixture, names: (String, String) = ("base", "top"))
    throws -> (base: String, top: String)
  {
    let (base, top) = (fixture["\(names.0).\(format.rawValue)"], fixture["\(names.1).\(format.rawValue)"])
    try ImageCreation.create(base, ImageOptions(format, path: base), size: size)
    let lower = try VirtualDisk.open(base, OpenOptions(readOnly: false))
    try lower.write(pattern(sectors: 500, first: 100, generation: 1), at: 100 * 512)
    try lower.close()
    lower.release()
    let options = ["backing_file=\(names.0).\(format.rawValue)"] + (format == .vpc ? ["subformat=differencing"] : [])
    try ImageCreation.create(top, ImageOptions(format, options, path: top), size: nil)
    let upper = try VirtualDisk.open(top, OpenOptions(readOnly: false))
    try upper.write(pattern(sectors: 40, first: 300, generation: 2), at: 300 * 512)
    try upper.zero(400 * 512, 20 * 512)
    try upper.write(pattern(sectors: 3, first: 9000, generation: 2), at: 9000 * 512)
    try upper.close()
    upper.release()
    return (base, top)
  }

  private static let expected =
    pattern(sectors: 200, first: 100, generation: 1) + pattern(sectors: 40, first: 300, generation: 2)
    + pattern(sectors: 60, first: 340, generation: 1) + [UInt8](repeating: 0, count: 20 * 512)
    + pattern(sectors: 180, first: 420, generation: 1)

  private static func expectContent(_ path: String, _ what: String) throws {
    let disk = try VirtualDisk.open(path)
    #expect(try disk.bytes(500 * 512, at: 100 * 512) == expected, "\(what)")
    #expect(try disk.bytes(3 * 512, at: 9000 * 512) == pattern(sectors: 3, first: 9000, generation: 2), "\(what)")
    #expect(try ImageCheck.check(path, format: nil, repair: .none).isClean, "\(what)")
  }

  @Test(arguments: [ImageFormat.qcow2, .vpc, .vmdk], [false, true])
  func acommitPutsEverythingIntoTheParentAndChangesNoContent(format: ImageFormat, keeps: Bool) throws {
    let fixture = ImageFixture()
    let (base, top) = try Self.chain(format, fixture)
    try Self.expectContent(top, "before")
    try ImageCommit.commit(top, OpenOptions(), keeps: keeps)
    try Self.expectContent(base, "the parent")
    try Self.expectContent(top, "the image")
    var depths: Set<Int> = []
    try VirtualDisk.open(top).map { (extent) throws(ImageError) in if extent.data { depths.insert(extent.depth) } }
    #expect(depths.contains(0) == keeps)
  }

  /// At any write of a commit the image reads as before: what the parent has by then is hidden by the image's own.
  @Test(arguments: [ImageFormat.qcow2, .vpc, .vmdk])
  func aCommitThatIsKilledLosesNothing(format: ImageFormat) throws {
    let fixture = ImageFixture()
    let (base, top) = try Self.chain(format, fixture)
    let recorder = CrashRecorder()
    let disk = try VirtualDisk.open(top, OpenOptions(writesParent: true))
    let parent = try #require(disk.parent)
    try recorder.watch(parent)
    (parent.driver as? VMDKDriver)?.keepsIdentifier = true
    _ = try ImageCommit.commit(disk, ImageTask())
    parent.release()
    var generator = Generator(seed: 5)
    for count in 0...recorder.events.count {
      for crash in CrashRecorder.Crash.allCases {
        try recorder.replay(count, crash, &generator)
        _ = try ImageCheck.check(base, format: nil, repair: .all)
        #expect(try ImageCheck.check(base, format: nil, repair: .none).isClean)
        try Self.expectContent(top, "event \(count), \(crash)")
      }
    }
  }

  @Test(arguments: [ImageFormat.qcow2, .vpc, .vmdk])
  func aRebaseKeepsTheContentOnAnotherParent(format: ImageFormat) throws {
    let fixture = ImageFixture()
    let (_, top) = try Self.chain(format, fixture)
    let other = "other.\(format.rawValue)"
    try ImageCreation.create(fixture[other], ImageOptions(format, path: fixture[other]), size: Self.size)
    try ImageRebase.rebase(top, onto: other, format: nil, OpenOptions(), isUnsafe: false)
    try FileManager.default.removeItem(atPath: fixture["base.\(format.rawValue)"])
    try Self.expectContent(top, "on another parent")
    #expect(try VirtualDisk.open(top).info.backingFilename?.hasSuffix(other) == true)
  }

  @Test(arguments: [ImageFormat.qcow2, .vmdk])
  func aRebaseOntoNothingTakesEverythingOver(format: ImageFormat) throws {
    let fixture = ImageFixture()
    let (base, top) = try Self.chain(format, fixture)
    try ImageRebase.rebase(top, onto: "", format: nil, OpenOptions(), isUnsafe: false)
    try FileManager.default.removeItem(atPath: base)
    try Self.expectContent(top, "without a parent")
    if let tool = OtherTool.qemuImage {
      let checked = try tool.run(["check", top])
      #expect(checked.status == 0, "\(checked.output)")
    }
  }
}
