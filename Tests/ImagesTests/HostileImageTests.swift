import CLinux
import Foundation
import Glibc
import Storage
import Testing

@testable import Images

/// Images that somebody made to do harm, or that were damaged: a clear error, in bounded time and memory.
@Suite struct HostileImageTests {
  /// Small images of every kind, each with some content.
  private static func samples(_ fixture: ImageFixture) throws -> [String] {
    var paths: [String] = []
    for (number, kind) in CrashTests.kinds.enumerated() {
      let path = fixture["\(number).\(kind.format.rawValue)"]
      var options = kind.options
      if kind.hasParent {
        let parent = fixture["parent-\(number).\(kind.format.rawValue)"]
        try ImageCreation.create(parent, ImageOptions(kind.format, path: parent), size: kind.size)
        options.append("backing_file=parent-\(number).\(kind.format.rawValue)")
      }
      try ImageCreation.create(path, ImageOptions(kind.format, options, path: path), size: kind.size)
      let disk = try VirtualDisk.open(path, OpenOptions(readOnly: false))
      try disk.write(pattern(sectors: 300, first: 5, generation: 1), at: 5 * 512)
      try disk.write(pattern(sectors: 8, first: 1000, generation: 1), at: 1000 * 512)
      try disk.close()
      disk.release()
      paths.append(path)
    }
    let stream = fixture["stream.vmdk"]
    try ImageConversion.convert(
      VirtualDisk.open(paths[0]), to: stream, ImageOptions(.vmdk, ["subformat=streamOptimized"], path: stream))
    return paths + [stream]
  }

  /// Opens, reads here and there, and checks: whatever comes of it, it comes.
  private static func use(_ path: String, _ generator: inout Generator) {
    if let disk = try? VirtualDisk.open(path), disk.size > 0 {
      for _ in 0..<12 {
        let offset = UInt64.random(in: 0..<disk.size, using: &generator) & ~511
        _ = try? disk.bytes(Int(min(65536, disk.size - offset)), at: offset)
        _ = try? disk.extent(at: offset, disk.size - offset)
      }
      _ = try? disk.bytes(512, at: 5 * 512)
    }
    if let map = try? ImageMap(path, OpenOptions()), map.capacity >= 4096 {
      for _ in 0..<12 {
        let offset = UInt64.random(in: 0...(map.capacity - 4096), using: &generator) & ~511
        guard let place = map.place(offset, 4096, writing: false) else { continue }
        #expect(Int(place.file) < map.files.count && place.offset <= UInt64(Int64.max) - 4096)
      }
    }
    _ = try? ImageCheck.check(path, format: nil, repair: .none)
    _ = try? ImageCheck.check(path, format: nil, repair: .all)
    if let disk = try? VirtualDisk.open(path, OpenOptions(readOnly: false)), disk.size >= 1 << 20 {
      _ = try? disk.write(pattern(sectors: 2, first: 0, generation: 9), at: 0)
      _ = try? disk.zero(65536, 1 << 18)
      _ = try? disk.close()
    }
  }

  @Test func damagedHeadersAndTablesAreErrorsAndNoCrash() throws {
    let cases = ProcessInfo.processInfo.environment["NEARMETAL_IMAGE_CASES"].flatMap { Int($0) } ?? 200
    var generator = Generator(seed: 4711)
    for path in try Self.samples(ImageFixture()).enumerated().map({ ($0.offset, $0.element) }).map(\.0) {
      let fixture = ImageFixture()
      let sample = try Self.samples(fixture)[path]
      let whole = [UInt8](try Data(contentsOf: URL(filePath: sample)))
      for _ in 0..<(cases / 8) {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          // Headers and tables are at the beginning, footers at the end.
          let place =
            Bool.random(using: &generator)
            ? Int.random(in: 0..<min(2048, bytes.count), using: &generator)
            : Bool.random(using: &generator)
              ? Int.random(in: 0..<bytes.count, using: &generator)
              : bytes.count - 1 - Int.random(in: 0..<min(2048, bytes.count), using: &generator)
          bytes[place] = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &generator)].randomElement(
            using: &generator)!
        }
        if Int.random(in: 0..<10, using: &generator) == 0 {
          bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
        }
        try Data(bytes).write(to: URL(filePath: sample))
        Self.use(sample, &generator)
      }
    }
  }

  /// Every eight bytes of a header as a number that nothing in the file can be multiplied or added up to.
  @Test func numbersThatOverflowAreErrorsAndNoCrash() throws {
    var generator = Generator(seed: 12)
    for index in try Self.samples(ImageFixture()).indices {
      let fixture = ImageFixture()
      let sample = try Self.samples(fixture)[index]
      let whole = [UInt8](try Data(contentsOf: URL(filePath: sample)))
      for place in stride(from: 0, to: min(128, whole.count - 8), by: 4) {
        for number: UInt64 in [.max, 1 << 60, 0x7fff_ffff_ffff_ffff] {
          for isLittle in [true, false] {
            var bytes = whole
            unsafe withUnsafeBytes(of: isLittle ? number.littleEndian : number.bigEndian) {
              unsafe bytes.replaceSubrange(place..<(place + 8), with: $0)
            }
            try Data(bytes).write(to: URL(filePath: sample))
            Self.use(sample, &generator)
          }
        }
      }
    }
  }

  private static func refusal(_ path: String, _ options: OpenOptions = OpenOptions()) -> ImageError? {
    do throws(ImageError) {
      let disk = try VirtualDisk.open(path, options)
      _ = try disk.extent(at: 0, 512)
      var sector = [UInt8](repeating: 0, count: 512)
      try disk.fill(&sector, 512, at: 0)
      return nil
    } catch { return error }
  }

  private static func patch(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
    let file = try ImageFile(path, readOnly: false)
    try file.write(bytes, at: UInt64(offset))
  }

  @Test func anImageThatIsItsOwnParentIsRefused() throws {
    let fixture = ImageFixture()
    let (one, two) = (fixture["one.qcow2"], fixture["two.qcow2"])
    try ImageCreation.create(one, ImageOptions(.qcow2, path: one), size: 1 << 20)
    try ImageCreation.create(two, ImageOptions(.qcow2, ["backing_file=one.qcow2"], path: two), size: nil)
    let disk = try VirtualDisk.open(one, OpenOptions(readOnly: false))
    try disk.driver.setParent(ParentReference(name: "two.qcow2", format: .qcow2))
    disk.release()
    let error = Self.refusal(one)
    #expect(error?.kind == .malformed)
    #expect(error?.reason.contains("its own parent") == true)
  }

  @Test func aParentOutsideTheFolderIsOpenedOnlyWhenThatIsPermitted() throws {
    let (fixture, elsewhere) = (ImageFixture(), ImageFixture())
    let parent = elsewhere["parent.qcow2"]
    try ImageCreation.create(parent, ImageOptions(.qcow2, path: parent), size: 1 << 20)
    let image = fixture["a.qcow2"]
    let options = try ImageOptions(.qcow2, ["backing_file=\(parent)"], path: image)
    #expect(throws: ImageError.self) { try ImageCreation.create(image, options, size: nil) }
    try ImageCreation.create(image, options, size: nil, allowsParentsAnywhere: true)
    #expect(Self.refusal(image)?.kind == .refused)
    #expect(Self.refusal(image, OpenOptions(allowsParentsAnywhere: true)) == nil)
    // A link in the folder leads out of it all the same.
    try FileManager.default.createSymbolicLink(atPath: fixture["link.qcow2"], withDestinationPath: parent)
    let linked = fixture["b.qcow2"]
    try ImageCreation.create(
      linked, ImageOptions(.qcow2, ["backing_file=link.qcow2"], path: linked), size: nil, allowsParentsAnywhere: true)
    #expect(Self.refusal(linked)?.kind == .refused)
  }

  private static func descriptor(_ extents: String, ending: String = "\n") -> String {
    [
      "# Disk DescriptorFile", "version=1", "CID=12345678", "parentCID=ffffffff", "createType=\"monolithicFlat\"",
      extents, "",
    ]
    .joined(separator: ending)
  }

  @Test(arguments: [
    "RW 8 FLAT \"../secret\" 0", "RW 8 FLAT \"/etc/passwd\" 0", "RW 8 FLAT \"link\" 0", "RW 8 FLAT \"fifo\" 0",
    "RW 8 FLAT \"a.vmdk\" 0",
    "RW 8 FLAT \"nbd:host\" 0", "RW 8 FLAT \"data\" 18014398509481983", "RW 99999999999999999999 FLAT \"data\" 0",
    "RW 8 FLAT \"data\" 9", "RW 8 FLAT \"\" 0", "RW 8 VMFSRDM \"data\" 0", "RW 8 SPARSE \"data\"",
    "RW 18014398509481983 ZERO\nRW 18014398509481983 ZERO",
  ])
  func anExtentThatLeavesTheFolderOrItsFileIsRefused(extents: String) throws {
    let fixture = ImageFixture()
    try Data(repeating: 7, count: 8192).write(to: URL(filePath: fixture["data"]))
    try FileManager.default.createSymbolicLink(atPath: fixture["link"], withDestinationPath: "/etc/passwd")
    #expect(unsafe mkfifo(fixture["fifo"], 0o600) == 0)
    let image = fixture["a.vmdk"]
    try Data(Self.descriptor(extents).utf8).write(to: URL(filePath: image))
    #expect(Self.refusal(image) != nil)
    try Data(Self.descriptor("RW 8 FLAT \"data\" 0").utf8).write(to: URL(filePath: image))
    #expect(Self.refusal(image) == nil)
  }

  @Test func aTableThatPointsPastTheEndIsRefused() throws {
    let fixture = ImageFixture()
    let image = fixture["a.vhd"]
    try ImageCreation.create(image, ImageOptions(.vpc, path: image), size: 8 << 20)
    try Self.patch(image, at: 1536, [0x7f, 0, 0, 0])
    #expect(Self.refusal(image)?.reason.contains("past the file's end") == true)
    #expect(try ImageCheck.check(image, format: nil, repair: .none).corruptions > 0)
  }

  @Test func aSizeThatOverflowsIsRefused() throws {
    let fixture = ImageFixture()
    let image = fixture["a.qcow2"]
    try ImageCreation.create(image, ImageOptions(.qcow2, path: image), size: 1 << 20)
    for size: [UInt8] in [
      Array(repeating: 0xff, count: 8), [0x7f] + Array(repeating: 0xff, count: 7), [0, 0, 0x80, 0, 0, 0, 0, 0],
    ] {
      try Self.patch(image, at: 24, size)
      #expect(Self.refusal(image)?.kind == .malformed)
    }
  }

  @Test func grainTablesThatOverlapAreFound() throws {
    let fixture = ImageFixture()
    let image = fixture["a.vmdk"]
    try ImageCreation.create(image, ImageOptions(.vmdk, path: image), size: 128 << 20)
    // The second entry of the directory like the first.
    let file = try ImageFile(image, readOnly: false)
    let header = try #require(SparseHeader(try file.bytes(512, at: 0)))
    try file.write(try file.bytes(4, at: header.directoryOffset * 512), at: header.directoryOffset * 512 + 4)
    file.unlock()
    #expect(try ImageCheck.check(image, format: nil, repair: .none).corruptions > 0)
  }

  @Test func aCompressedClusterThatUnfoldsWithoutEndFillsOneCluster() throws {
    let fixture = ImageFixture()
    let image = fixture["a.qcow2"]
    try ImageCreation.create(image, ImageOptions(.qcow2, path: image), size: 1 << 20)
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 1, first: 0, generation: 1), at: 0)
    try disk.close()
    let place = try disk.driver.find(0, 512).position
    // 64 MiB of zeros in some 64 KiB.
    let bomb = [UInt8](repeating: 0, count: 64 << 20)
    let folded = try #require(unsafe bomb.withUnsafeBytes { unsafe Deflate.fold($0, .raw) })
    let sectors = UInt64((folded.count + 511) / 512 - 1)
    let entry = QCOW2Entry.compressed | min(sectors, 255) << 54 | place
    let driver = try #require(disk.driver as? QCOW2Driver)
    let table = driver.l1[0] & QCOW2Entry.offsets
    disk.release()
    let file = try ImageFile(image, readOnly: false)
    try file.write(folded, at: place)
    var word = [UInt8](repeating: 0, count: 8)
    word.store(big: entry, at: 0)
    try file.write(word, at: table)
    file.unlock()
    let again = try VirtualDisk.open(image)
    #expect(try again.bytes(65536, at: 0).allSatisfy { $0 == 0 })
  }
}
