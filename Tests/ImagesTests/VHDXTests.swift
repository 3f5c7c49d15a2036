import Foundation
import Testing

@testable import Images

/// VHDX, which is read as QEMU writes it.
@Suite struct VHDXTests {
  /// The answer that RFC 3720 §B.4 has for 32 bytes of zeros; the field that does not count is zero anyway.
  @Test func theChecksumIsCastagnolis() {
    #expect(CRC32C.sum([UInt8](repeating: 0, count: 32), without: 0) == 0x8A91_36AA)
  }

  private func image(_ fixture: ImageFixture, sectors: Int = 20000, options: String = "block_size=1M") throws -> String
  {
    let (raw, image) = (fixture["a.raw"], fixture["a.vhdx"])
    try Data(pattern(sectors: sectors, first: 0, generation: 1)).write(to: URL(filePath: raw))
    let tool = try #require(OtherTool.qemuImage)
    let made = try tool.run(["convert", "-f", "raw", "-O", "vhdx", "-o", options, raw, image])
    try #require(made.status == 0, "\(made.output)")
    return image
  }

  @Test(
    .enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"),
    arguments: ["block_size=1M", "block_size=32M", "subformat=fixed"])
  func whatQEMUWritesIsReadTheSame(options: String) throws {
    let fixture = ImageFixture()
    let image = try image(fixture, options: options)
    let disk = try VirtualDisk.open(image)
    #expect(disk.format == .vhdx)
    #expect(
      try ImageComparison.compare(disk, VirtualDisk.open(fixture["a.raw"], OpenOptions(format: .raw))) == .identical)
    #expect(try ImageCheck.check(image, format: nil, repair: .none).isClean)
  }

  /// A disk so large that entries for bitmaps stand between those of blocks.
  @Test(.enabled(if: OtherTool.qemuImage != nil && OtherTool.qemuIO != nil, "qemu-img or qemu-io is not installed"))
  func blocksBehindABitmapsEntryAreFound() throws {
    let fixture = ImageFixture()
    let image = fixture["a.vhdx"]
    let (tool, writer) = (try #require(OtherTool.qemuImage), try #require(OtherTool.qemuIO))
    let made = try tool.run(["create", "-f", "vhdx", "-o", "block_size=1M", image, "20G"])
    try #require(made.status == 0, "\(made.output)")
    let places: [UInt64] = [0, 4095 << 20, 4096 << 20, 4097 << 20, 12_289 << 20, (20 << 30) - 4096]
    for place in places {
      let wrote = try writer.run(["-f", "vhdx", "-c", "write -P 0x5a \(place) 4096", image])
      try #require(wrote.status == 0, "\(wrote.output)")
    }
    let disk = try VirtualDisk.open(image)
    for place in places {
      #expect(try disk.bytes(4096, at: place).allSatisfy { $0 == 0x5a }, "at \(place)")
    }
    #expect(try disk.bytes(4096, at: 8192 << 20).allSatisfy { $0 == 0 })
  }

  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"))
  func itIsNeverWritten() throws {
    let fixture = ImageFixture()
    let image = try image(fixture)
    #expect(throws: ImageError.self) { try VirtualDisk.open(image, OpenOptions(readOnly: false)) }
    let other = fixture["b.vhdx"]
    #expect(throws: ImageError.self) {
      try ImageCreation.create(other, ImageOptions(.vhdx, path: other), size: 1 << 20)
    }
    #expect(!FileManager.default.fileExists(atPath: other))
  }

  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"))
  func aLogThatIsNotEmptyAndABrokenChecksumAreRefused() throws {
    let fixture = ImageFixture()
    let image = try image(fixture, sectors: 64)
    let whole = [UInt8](try Data(contentsOf: URL(filePath: image)))
    var logged = whole
    for header in [64 << 10, 128 << 10] {
      logged[header + 48] = 1
      var bytes = Array(logged[header..<(header + 4096)])
      bytes.store(little: CRC32C.sum(bytes, without: 4), at: 4)
      logged.replaceSubrange(header..<(header + 4096), with: bytes)
    }
    try Data(logged).write(to: URL(filePath: image))
    #expect(throws: ImageError.self) { try VirtualDisk.open(image) }
    var broken = whole
    for table in [192 << 10, 256 << 10] { broken[table + 20] ^= 1 }
    try Data(broken).write(to: URL(filePath: image))
    #expect(throws: ImageError.self) { try VirtualDisk.open(image) }
    try Data(whole).write(to: URL(filePath: image))
    #expect(try VirtualDisk.open(image).size == 64 * 512)
  }

  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"))
  func damageIsAnErrorAndNoCrash() throws {
    let fixture = ImageFixture()
    let image = try image(fixture, sectors: 4096)
    let whole = [UInt8](try Data(contentsOf: URL(filePath: image)))
    var generator = Generator(seed: 9)
    for _ in 0..<60 {
      var bytes = whole
      for _ in 0..<3 {
        // Tables and metadata, whose checksums are set right again, and what is behind them.
        let place = Int.random(in: (64 << 10)..<min(bytes.count, 4 << 20), using: &generator)
        bytes[place] = UInt8.random(in: 0...255, using: &generator)
      }
      for (start, count) in [(64 << 10, 4096), (128 << 10, 4096), (192 << 10, 65536), (256 << 10, 65536)] {
        var part = Array(bytes[start..<(start + count)])
        part.store(little: CRC32C.sum(part, without: 4), at: 4)
        bytes.replaceSubrange(start..<(start + count), with: part)
      }
      try Data(bytes).write(to: URL(filePath: image))
      guard let disk = try? VirtualDisk.open(image) else { continue }
      for offset in stride(from: UInt64(0), to: min(disk.size, 4 << 20), by: 65536) {
        _ = try? disk.bytes(Int(min(65536, disk.size - offset)), at: offset)
      }
      _ = try? ImageCheck.check(image, format: nil, repair: .none)
    }
  }
}
