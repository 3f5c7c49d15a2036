import Foundation
import Testing

@testable import Images

/// What QEMU's tools make is read as they mean it, and what is written here they find right: a matrix of formats, sizes and patterns
/// of writes, drawn from a seed.
///
/// NEARMETAL_IMAGE_CASES asks for more cases than the few that every run of the tests has.
@Suite struct InteroperationTests {
  static let cases = ProcessInfo.processInfo.environment["NEARMETAL_IMAGE_CASES"].flatMap { Int($0) } ?? 28
  private static let seed: UInt64 = 20_261_128

  /// One way to make an image, for both programs.
  struct Kind: CustomTestStringConvertible {
    let format: ImageFormat
    let options: [String]
    /// What QEMU calls the same, where it is not the same.
    var others: [String]?
    /// Bytes of a disk at most: what the format can have, or what qemu-img, which goes through some block by block, compares in a second.
    var largest: UInt64 = 1 << 62
    var canBeEmpty = true
    /// More words for `qemu-img convert`.
    var words: [String] = []
    /// Whether it is written once, from its beginning to its end.
    var isStream: Bool { options.contains("subformat=streamOptimized") }
    /// Whether only QEMU makes it.
    var isOthers: Bool { words.contains("-c") || options.contains { $0.hasPrefix("compression_type") } }
    /// Whether qemu-img has a check of the format.
    var isChecked: Bool {
      format != .vpc && !options.contains("subformat=monolithicFlat")
        && !options.contains("subformat=twoGbMaxExtentFlat")
    }
    var name: String { ([format.rawValue] + options + words).joined(separator: " ") }
    var testDescription: String { name }
  }

  static let kinds: [Kind] = [
    Kind(format: .raw, options: []),
    Kind(format: .qcow2, options: []),
    Kind(format: .qcow2, options: ["compat=0.10"]),
    Kind(format: .qcow2, options: ["cluster_size=512"], largest: 1 << 30),
    Kind(format: .qcow2, options: ["cluster_size=2M"]),
    Kind(format: .qcow2, options: ["cluster_size=4k", "refcount_bits=1"], largest: 1 << 38),
    Kind(format: .qcow2, options: ["refcount_bits=64"]),
    Kind(
      format: .vpc, options: ["subformat=dynamic"], others: ["subformat=dynamic", "force_size=on"], largest: 130 << 30,
      canBeEmpty: false),
    Kind(
      format: .vpc, options: ["subformat=fixed"], others: ["subformat=fixed", "force_size=on"], largest: 64 << 20,
      canBeEmpty: false),
    Kind(format: .vmdk, options: ["subformat=monolithicSparse"], largest: 6 << 30, canBeEmpty: false),
    Kind(format: .vmdk, options: ["subformat=monolithicFlat"], largest: 6 << 30, canBeEmpty: false),
    Kind(format: .vmdk, options: ["subformat=twoGbMaxExtentSparse"], largest: 6 << 30, canBeEmpty: false),
    Kind(format: .vmdk, options: ["subformat=twoGbMaxExtentFlat"], largest: 6 << 30, canBeEmpty: false),
    Kind(
      format: .vmdk, options: ["subformat=monolithicSparse", "zeroed_grain=on"], largest: 6 << 30, canBeEmpty: false),
    Kind(format: .vmdk, options: ["subformat=streamOptimized"], largest: 6 << 30, canBeEmpty: false),
    Kind(format: .qcow2, options: [], largest: 6 << 30, words: ["-c"]),
    Kind(format: .qcow2, options: ["compression_type=zstd"], largest: 6 << 30, words: ["-c"]),
    Kind(format: .qcow2, options: ["cluster_size=4k"], largest: 1 << 30, words: ["-c"]),
  ]

  /// Sizes that formats have trouble with.
  private static func size(_ kind: Kind, _ generator: inout Generator) -> UInt64 {
    let sizes: [UInt64] = [
      0, 512, 1536, 65536, 65536 + 512, 1 << 20, (2 << 20) - 512, (2 << 20) + 512, 33 << 20, (256 << 20) + 1024,
      3 << 30,
      (5 << 30) + 512, 130 << 30, 2 << 40, (2 << 40) + 512, 5 << 40,
    ]
    let possible = sizes.filter { $0 <= kind.largest && (kind.canBeEmpty || $0 > 0) }
    return possible.randomElement(using: &generator)!
  }

  /// The same changes to any number of disks.
  private static func change(_ disks: [VirtualDisk], _ generator: inout Generator, from generation: UInt64) throws {
    let size = disks[0].size
    guard size > 0 else { return }
    let places: [UInt64] = [0, size / 2, size - min(size, 1 << 20), UInt64.random(in: 0..<size, using: &generator)]
    for number in 0..<UInt64.random(in: 1...12, using: &generator) {
      let place = places.randomElement(using: &generator)! + UInt64.random(in: 0..<(4 << 20), using: &generator)
      let offset = min(place, size - 512) & ~511
      let most = min(size - offset, [512, 4096, 70000, 300_000].randomElement(using: &generator)!)
      let sectors = max(1, Int.random(in: 0...Int(most / 512), using: &generator))
      if UInt64.random(in: 0..<4, using: &generator) == 0 {
        for disk in disks { try disk.zero(offset, UInt64(sectors) * 512) }
      } else {
        let bytes = pattern(sectors: sectors, first: offset / 512, generation: generation + number)
        for disk in disks { try disk.write(bytes, at: offset) }
      }
      if UInt64.random(in: 0..<5, using: &generator) == 0 { for disk in disks { try disk.flush() } }
    }
  }

  private static func expectSame(
    _ tool: OtherTool, _ image: String, _ format: ImageFormat, _ raw: String, _ what: String
  ) throws {
    let compared = try tool.run(["compare", "-f", format.rawValue, "-F", "raw", image, raw])
    #expect(compared.status == 0, "\(what): \(compared.output)")
    let outcome = try ImageComparison.compare(VirtualDisk.open(image), VirtualDisk.open(raw, OpenOptions(format: .raw)))
    #expect(outcome == .identical, "\(what)")
  }

  private static func expectRight(_ tool: OtherTool, _ image: String, _ kind: Kind, _ what: String) throws {
    if kind.format != .raw {
      let report = try ImageCheck.check(image, format: nil, repair: .none)
      #expect(report.isClean, "\(what): \(report.findings)")
    }
    if kind.isChecked, kind.format != .raw {
      let checked = try tool.run(["check", "-f", kind.format.rawValue, image])
      #expect(checked.status == 0, "\(what): \(checked.output)")
    }
  }

  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"))
  func whatIsWrittenHereQEMUFindsRightAndTheSame() throws {
    let tool = try #require(OtherTool.qemuImage)
    var generator = Generator(seed: Self.seed)
    for number in 0..<(Self.cases / 2) {
      let fixture = ImageFixture()
      let kinds = Self.kinds.filter { !$0.isOthers }
      let kind = kinds[number % kinds.count]
      let size = Self.size(kind, &generator)
      let (image, raw) = (fixture["a.\(kind.format.rawValue)"], fixture["b.raw"])
      let what = "case \(number): \(kind.name), \(size) bytes"
      try ImageCreation.create(raw, ImageOptions(.raw, path: raw), size: size)
      if kind.isStream {
        try Self.writeStream(raw, to: image, kind, &generator)
        try Self.expectSame(tool, image, kind.format, raw, what)
        try Self.expectRight(tool, image, kind, what)
        continue
      }
      try ImageCreation.create(image, ImageOptions(kind.format, kind.options, path: image), size: size)
      let disks = [
        try VirtualDisk.open(image, OpenOptions(format: kind.format, readOnly: false)),
        try VirtualDisk.open(raw, OpenOptions(format: .raw, readOnly: false)),
      ]
      #expect(disks[0].size == size, "\(what)")
      try Self.change(disks, &generator, from: 1)
      for disk in disks { try disk.close() }
      for disk in disks { disk.release() }
      try Self.expectSame(tool, image, kind.format, raw, what)
      try Self.expectRight(tool, image, kind, what)
    }
  }

  /// A raw disk with some content, and a stream of it.
  private static func writeStream(
    _ raw: String, to image: String, _ kind: Kind, _ generator: inout Generator
  ) throws {
    let source = try VirtualDisk.open(raw, OpenOptions(format: .raw, readOnly: false))
    try change([source], &generator, from: 1)
    source.release()
    try ImageConversion.convert(
      VirtualDisk.open(raw, OpenOptions(format: .raw)), to: image, ImageOptions(kind.format, kind.options, path: image))
  }

  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"))
  func whatQEMUMakesIsReadTheSameAndStaysRightWhenItIsWrittenHere() throws {
    let tool = try #require(OtherTool.qemuImage)
    var generator = Generator(seed: Self.seed + 1)
    for number in 0..<(Self.cases / 2) {
      let fixture = ImageFixture()
      let kind = Self.kinds[number % Self.kinds.count]
      let size = Self.size(kind, &generator)
      let (image, raw) = (fixture["a.\(kind.format.rawValue)"], fixture["b.raw"])
      let what = "case \(number): \(kind.name), \(size) bytes, by QEMU"
      try ImageCreation.create(raw, ImageOptions(.raw, path: raw), size: size)
      let source = try VirtualDisk.open(raw, OpenOptions(format: .raw, readOnly: false))
      try Self.change([source], &generator, from: 1)
      source.release()
      let options = (kind.others ?? kind.options).flatMap { ["-o", $0] }
      let made = try tool.run(
        ["convert", "-f", "raw", "-O", kind.format.rawValue] + kind.words + options + [raw, image])
      try #require(made.status == 0, "\(what): \(made.output)")
      try Self.expectSame(tool, image, kind.format, raw, what)
      try Self.expectRight(tool, image, kind, what)
      if kind.isStream { continue }
      let disks = [
        try VirtualDisk.open(image, OpenOptions(format: kind.format, readOnly: false)),
        try VirtualDisk.open(raw, OpenOptions(format: .raw, readOnly: false)),
      ]
      #expect(disks[0].size == size, "\(what)")
      try Self.change(disks, &generator, from: 100)
      for disk in disks { try disk.close() }
      for disk in disks { disk.release() }
      try Self.expectSame(tool, image, kind.format, raw, what + ", then changed")
      try Self.expectRight(tool, image, kind, what + ", then changed")
    }
  }

  /// Readers that are nobody's own: what they say of size and kind.
  @Test(
    .enabled(
      if: OtherTool.vhdInfo != nil && OtherTool.vmdkInfo != nil, "libvhdi-utils or libvmdk-utils is not installed"))
  func libvhdiAndLibvmdkSeeTheSameDisk() throws {
    let (vhdInfo, vmdkInfo) = (try #require(OtherTool.vhdInfo), try #require(OtherTool.vmdkInfo))
    let fixture = ImageFixture()
    for (kind, expected) in [("fixed", "Fixed"), ("dynamic", "Dynamic"), ("differencing", "Differential")] {
      let path = fixture["\(kind).vhd"]
      let options = ["subformat=\(kind)"] + (kind == "differencing" ? ["backing_file=dynamic.vhd"] : [])
      try ImageCreation.create(path, ImageOptions(.vpc, options, path: path), size: (33 << 20) + 512)
      let said = try vhdInfo.run([path])
      #expect(
        said.status == 0 && said.output.contains("34603520 bytes") && said.output.contains(expected), "\(said.output)")
    }
    for kind in ["monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat"] {
      let path = fixture["\(kind).vmdk"]
      try ImageCreation.create(path, ImageOptions(.vmdk, ["subformat=\(kind)"], path: path), size: 3 << 30)
      let said = try vmdkInfo.run([path])
      #expect(said.status == 0 && said.output.contains("\(3 << 30) bytes"), "\(said.output)")
    }
  }

  /// Sizes at the end of what formats can have: both programs see the same, and the last sector is where it is expected.
  @Test(.enabled(if: OtherTool.qemuImage != nil, "qemu-img is not installed"))
  func disksOfTwoTebibytesAndMoreHaveTheirLastSector() throws {
    let tool = try #require(OtherTool.qemuImage)
    for (format, size) in [(ImageFormat.vpc, UInt64(2040) << 30), (.vmdk, 2 << 40), (.qcow2, (64 << 40) + 512)] {
      let fixture = ImageFixture()
      let path = fixture["a"]
      try ImageCreation.create(path, ImageOptions(format, path: path), size: size)
      let disk = try VirtualDisk.open(path, OpenOptions(readOnly: false))
      let last = pattern(sectors: 1, first: size / 512 - 1, generation: 1)
      try disk.write(last, at: size - 512)
      try disk.close()
      disk.release()
      #expect(try VirtualDisk.open(path).bytes(512, at: size - 512) == last)
      let said = try tool.run(["info", "--output", "json", path])
      #expect(said.status == 0 && said.output.contains("\"virtual-size\": \(size)"), "\(said.output)")
      #expect(try ImageCheck.check(path, format: nil, repair: .none).isClean)
    }
  }

  /// Differences to a parent, made and written by both in turn. QEMU has no differencing VHDs.
  @Test(.enabled(if: OtherTool.qemuImage != nil && OtherTool.qemuIO != nil, "qemu-img or qemu-io is not installed"))
  func aDifferenceThatBothWriteHoldsTheSameForBoth() throws {
    let (tool, writer) = (try #require(OtherTool.qemuImage), try #require(OtherTool.qemuIO))
    var generator = Generator(seed: Self.seed + 2)
    for number in 0..<max(4, Self.cases / 8) {
      let fixture = ImageFixture()
      let format = [ImageFormat.qcow2, .vmdk][number % 2]
      let (base, top, raw) = (fixture["base"], fixture["top"], fixture["flat.raw"])
      let size: UInt64 = [1 << 20, (3 << 20) + 512, 70 << 20].randomElement(using: &generator)!
      let what = "case \(number): \(format.rawValue) of \(size) bytes"
      try ImageCreation.create(base, ImageOptions(format, path: base), size: size)
      try ImageCreation.create(raw, ImageOptions(.raw, path: raw), size: size)
      try Self.changeBoth(base, raw, format, &generator, from: 1)
      if number % 4 < 2 {
        try ImageCreation.create(
          top, ImageOptions(format, ["backing_file=base", "backing_fmt=\(format.rawValue)"], path: top), size: nil)
      } else {
        let made = try tool.run(["create", "-f", format.rawValue, "-F", format.rawValue, "-b", "base", top])
        try #require(made.status == 0, "\(what): \(made.output)")
      }
      try Self.changeBoth(top, raw, format, &generator, from: 100)
      let place = UInt64.random(in: 0...(size / 512 - 8), using: &generator) * 512
      for path in [(top, format.rawValue), (raw, "raw")] {
        let wrote = try writer.run(["-f", path.1, "-c", "write -P 0x5a \(place) 4096", path.0])
        try #require(wrote.status == 0, "\(what): \(wrote.output)")
      }
      try Self.expectSame(tool, top, format, raw, what)
      try Self.expectRight(tool, top, Kind(format: format, options: []), what)
      try Self.changeBoth(top, raw, format, &generator, from: 200)
      try Self.expectSame(tool, top, format, raw, what)
    }
  }

  private static func changeBoth(
    _ image: String, _ raw: String, _ format: ImageFormat, _ generator: inout Generator, from generation: UInt64
  ) throws {
    let disks = [
      try VirtualDisk.open(image, OpenOptions(format: format, readOnly: false)),
      try VirtualDisk.open(raw, OpenOptions(format: .raw, readOnly: false)),
    ]
    try change(disks, &generator, from: generation)
    for disk in disks { try disk.close() }
    for disk in disks { disk.release() }
  }
}
