import Foundation
import Testing

@testable import Images

/// Images as files: locked while they are written, and never there in part.
@Suite struct ImageOutputTests {
  private static func create(_ path: String, _ format: ImageFormat, _ options: [String] = [], size: UInt64?) throws {
    try ImageCreation.create(path, ImageOptions(format, options, path: path), size: size)
  }

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

  /// Looks at a folder before every change of a file, which is what being killed there would leave.
  private final class Watch: WriteJournal {
    private let look: () -> Void
    private(set) var isDurable: [String: Bool] = [:]
    private(set) var changes = 0

    init(_ look: @escaping () -> Void) { self.look = look }

    func wrote(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, to path: String) { changed(path) }
    func truncated(to size: UInt64, _ path: String) { changed(path) }
    func synchronized(_ path: String) { isDurable[path] = true }

    private func changed(_ path: String) {
      look()
      changes += 1
      isDurable[path] = false
    }
  }

  @Test(
    arguments: [
      (ImageFormat.raw, ""), (.vpc, "subformat=dynamic"), (.vpc, "subformat=fixed"), (.qcow2, ""), (.vmdk, ""),
      (.vmdk, "subformat=monolithicFlat"), (.vmdk, "subformat=twoGbMaxExtentSparse"),
      (.vmdk, "subformat=streamOptimized"),
    ], [false, true])
  func aConversionThatIsKilledAtAnyWriteHasReplacedNothing(kind: (format: ImageFormat, options: String), isThere: Bool)
    throws
  {
    let fixture = ImageFixture()
    let (source, target) = (fixture["a.raw"], fixture["b.image"])
    try Data(pattern(sectors: 9000, first: 0, generation: 1)).write(to: URL(filePath: source))
    if isThere { try Data("kept".utf8).write(to: URL(filePath: target)) }
    var (found, names): (Set<String?>, Set<String>) = ([], [])
    let watch = Watch {
      found.insert(try? String(contentsOfFile: target, encoding: .utf8))
      names.formUnion((try? FileManager.default.contentsOfDirectory(atPath: fixture.path)) ?? [])
    }
    let outputs = try OutputFiles(target, replaces: isThere)
    outputs.journal = watch
    let options = try ImageOptions(kind.format, kind.options.isEmpty ? [] : [kind.options], path: target)
    try ImageConversion.convert(
      VirtualDisk.open(source), to: outputs, options, ImageConversion.Settings(), ImageTask())
    #expect(watch.changes > 2)
    #expect(found == [isThere ? "kept" : nil], "at every write there is what was there before")
    #expect(names.subtracting(["a.raw", "b.image"]).allSatisfy { $0.contains(".partial-") }, "\(names)")
    // What has its name is on the disk: nothing was written after its file was last made durable.
    #expect(!watch.isDurable.isEmpty && watch.isDurable.values.allSatisfy { $0 })
    let same = try ImageComparison.compare(
      VirtualDisk.open(source), VirtualDisk.open(target, OpenOptions(format: kind.format)))
    #expect(same == .identical)
  }

  @Test func anImageOfSeveralFilesIsReplacedWhole() throws {
    let fixture = ImageFixture()
    let (source, target) = (fixture["a.raw"], fixture["b.vmdk"])
    let options = try ImageOptions(.vmdk, ["subformat=monolithicFlat"], path: target)
    for generation in 1...2 {
      try Data(pattern(sectors: 900, first: 0, generation: UInt64(generation))).write(to: URL(filePath: source))
      try ImageConversion.convert(
        VirtualDisk.open(source), to: OutputFiles(target, replaces: generation == 2), options,
        ImageConversion.Settings(), ImageTask())
    }
    #expect(try ImageComparison.compare(VirtualDisk.open(source), VirtualDisk.open(target)) == .identical)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.path).sorted() == ["a.raw", "b-flat.vmdk", "b.vmdk"])
  }

  @Test func anImageOfSeveralFilesThatCannotBeReplacedStays() throws {
    let fixture = ImageFixture()
    let (source, target, old) = (fixture["a.raw"], fixture["b.vmdk"], fixture["old.raw"])
    let options = try ImageOptions(.vmdk, ["subformat=monolithicFlat"], path: target)
    try Data(pattern(sectors: 900, first: 0, generation: 1)).write(to: URL(filePath: old))
    try ImageConversion.convert(
      VirtualDisk.open(old), to: OutputFiles(target, replaces: false), options, ImageConversion.Settings(), ImageTask())
    try Data(pattern(sectors: 900, first: 0, generation: 2)).write(to: URL(filePath: source))
    let outputs = try OutputFiles(target, replaces: true)
    // What the new extent is called until it is whole is taken away: it cannot get its name.
    let partial = "\(fixture["b-flat.vmdk"]).partial-\(getpid())"
    #expect(throws: ImageError.self) {
      try ImageConversion.convert(
        VirtualDisk.open(source), to: outputs, options, ImageConversion.Settings(),
        ImageTask(isInterrupted: {
          _ = unsafe unlink(partial)
          return false
        }))
    }
    #expect(try ImageComparison.compare(VirtualDisk.open(old), VirtualDisk.open(target)) == .identical)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.path).filter { $0.contains(".replaced-") }.isEmpty)
  }

  /// A device of a file, as long as the test needs it.
  private struct LoopDevice {
    static let program = OtherTool("losetup")
    let path: String

    init(_ file: String) throws {
      path = try #require(try Self.program?.run(["--find", "--show", file]).output)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func end() { _ = try? Self.program?.run(["--detach", path]) }
  }

  @Test(
    .enabled(
      if: (try? ImageOutputTests.LoopDevice.program?.run(["--find"]).status) == 0 && geteuid() == 0,
      "needs root and a loop device"))
  func aDeviceThatIsInUseIsNotWritten() throws {
    let fixture = ImageFixture()
    try Data(count: 4 << 20).write(to: URL(filePath: fixture["a.raw"]))
    let device = try LoopDevice(fixture["a.raw"])
    defer { device.end() }
    #expect(throws: Never.self) { try VirtualDisk.open(device.path, OpenOptions(format: .raw, readOnly: false)) }
    // As a mount would.
    let holder = unsafe open(device.path, O_RDWR | O_EXCL)
    defer { close(holder) }
    try #require(holder >= 0)
    let error = #expect(throws: ImageError.self) {
      try VirtualDisk.open(device.path, OpenOptions(format: .raw, readOnly: false))
    }
    #expect(error?.description.contains("the device is in use") == true, "\(String(describing: error))")
    #expect(throws: Never.self) { try VirtualDisk.open(device.path, OpenOptions(format: .raw)) }
  }
}
