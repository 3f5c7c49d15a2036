import Foundation
import LinuxSystem
import Storage
import Testing

@testable import Images

/// Images whose files have no names: only who has their descriptors can open them.
@Suite struct UnnamedImageTests {
  struct Kind: CustomTestStringConvertible {
    let format: ImageFormat
    var options: [String] = []
    var testDescription: String { ([format.rawValue] + options).joined(separator: " ") }
  }

  static let whole = [
    Kind(format: .vpc), Kind(format: .vpc, options: ["subformat=fixed"]), Kind(format: .vmdk),
    Kind(format: .vmdk, options: ["subformat=monolithicFlat"]), Kind(format: .qcow2),
  ]
  private static let sectors = 8192

  private static func source(_ fixture: ImageFixture) throws -> VirtualDisk {
    try Data(pattern(sectors: sectors, first: 0, generation: 1)).write(to: URL(filePath: fixture["a.raw"]))
    return try VirtualDisk.open(fixture["a.raw"], OpenOptions(format: .raw))
  }

  /// Moves bytes through the engine that legs use.
  private static func transfer(
    _ backing: BackingSpecification, _ operation: StorageOperation, _ bytes: [UInt8], at offset: UInt64
  ) throws -> [UInt8] {
    var engine = try backing.open()
    var bytes = bytes
    let (count, error) = unsafe bytes.withUnsafeMutableBytes { buffer in
      (
        buffer.count,
        unsafe engine.submit(
          StorageRequest(operation, token: 1, offset: offset, count: buffer.count, buffer: buffer.baseAddress))?.error
      )
    }
    #expect(count == bytes.count && error == 0)
    return bytes
  }

  @Test(arguments: whole) func nothingIsSeenOfItAndItIsReadAndWritten(kind: Kind) throws {
    let fixture = ImageFixture()
    let image = try UnnamedImage(of: Self.source(fixture), kind.format, kind.options, in: fixture.path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path) == ["a.raw"])
    let expected = pattern(sectors: 64, first: 5000, generation: 1)
    let empty = [UInt8](repeating: 0, count: expected.count)
    #expect(try Self.transfer(image.backing(isDirect: false), .read, empty, at: 5000 * 512) == expected)
    let new = pattern(sectors: 64, first: 5000, generation: 2)
    _ = try Self.transfer(image.backing(isDirect: false), .write, new, at: 5000 * 512)
    #expect(try Self.transfer(image.backing(isDirect: false), .read, empty, at: 5000 * 512) == new)
  }

  @Test(arguments: [ImageFormat.vpc, .vmdk, .qcow2], [false, true])
  func aDifferenceReadsAsItsParentAndLeavesItAsItIs(format: ImageFormat, isFilled: Bool) throws {
    let fixture = ImageFixture()
    let source = try Self.source(fixture)
    let parent =
      format == .qcow2
      ? UnnamedImage(raw: try Descriptor.open(fixture["a.raw"], 2))
      : try UnnamedImage(of: source, format, in: fixture.path)
    let options = format == .vpc ? ["subformat=differencing"] : []
    let image = try UnnamedImage(
      over: parent, format, options, filledWith: isFilled ? source : nil, in: fixture.path)
    let old = pattern(sectors: 64, first: 5000, generation: 1)
    let new = pattern(sectors: 3, first: 5001, generation: 2)
    let empty = [UInt8](repeating: 0, count: old.count)
    #expect(try Self.transfer(image.backing(isDirect: false), .read, empty, at: 5000 * 512) == old)
    _ = try Self.transfer(image.backing(isDirect: false), .write, new, at: 5001 * 512)
    let changed = Array(old[..<512]) + new + Array(old[(4 * 512)...])
    #expect(try Self.transfer(image.backing(isDirect: false), .read, empty, at: 5000 * 512) == changed)
    #expect(try Self.transfer(parent.backing(isDirect: false), .read, empty, at: 5000 * 512) == old)
  }

  /// Another program that is passed the descriptors finds all of its files.
  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"), arguments: whole)
  func aChildThatIsPassedItsDescriptorsReadsTheSame(kind: Kind) throws {
    let fixture = ImageFixture()
    let image = try UnnamedImage(of: Self.source(fixture), kind.format, kind.options, in: fixture.path)
    try Self.expectSame(image, kind.format, fixture)
    // Nor does a difference to it get lost; QEMU has no differencing VHDs.
    guard kind.format != .vpc, kind.options.isEmpty else { return }
    let parent = kind.format == .qcow2 ? UnnamedImage(raw: try Descriptor.open(fixture["a.raw"], 2)) : image
    try Self.expectSame(UnnamedImage(over: parent, kind.format, in: fixture.path), kind.format, fixture)
  }

  private static func expectSame(_ image: UnnamedImage, _ format: ImageFormat, _ fixture: ImageFixture) throws {
    let child = try ChildProcess(
      #require(OtherTool.qemuImage).path,
      ["compare", "-f", format.rawValue, "-F", "raw", UnnamedFile.path(ChildProcess.passed), fixture["a.raw"]],
      passing: image.descriptors)
    var output: [UInt8] = []
    #expect(unsafe child.drain(until: MonotonicClock.now + 60_000_000_000) { unsafe output += $0 })
    let said = String(decoding: output, as: UTF8.self)
    #expect(said.contains("Images are identical"), "\(said)\(child.complaint())")
  }
}
