import Foundation
import Storage
import Testing

@testable import Images

/// Killed at every write, and without power after every write: the image opens, a check finds nothing that it cannot set right, and
/// what was flushed is there.
@Suite struct CrashTests {
  struct Kind: CustomTestStringConvertible {
    let format: ImageFormat
    let options: [String]
    let size: UInt64
    var hasParent = false
    var testDescription: String {
      "\(format.rawValue) \(options.joined(separator: ","))\(hasParent ? " with a parent" : "")"
    }
  }

  static let kinds = [
    Kind(format: .qcow2, options: ["cluster_size=512"], size: 1 << 20),
    Kind(format: .qcow2, options: ["cluster_size=4k", "refcount_bits=64"], size: 4 << 20),
    Kind(format: .qcow2, options: ["compat=0.10"], size: 8 << 20),
    Kind(format: .qcow2, options: ["cluster_size=4k"], size: 4 << 20, hasParent: true),
    Kind(format: .vpc, options: [], size: 8 << 20),
    Kind(format: .vpc, options: ["subformat=differencing"], size: 4 << 20, hasParent: true),
    Kind(format: .vmdk, options: [], size: 8 << 20),
    Kind(format: .vmdk, options: ["zeroed_grain=on"], size: 8 << 20, hasParent: true),
    Kind(format: .vmdk, options: ["subformat=twoGbMaxExtentSparse"], size: 8 << 20),
  ]

  /// What a sector may hold: by the number of the change that put it there.
  private struct Model {
    /// Changes of each sector that was ever changed: number and generation, 0 for zeros.
    var changes: [UInt64: [(number: Int, generation: UInt64)]] = [:]
    var number = 0

    mutating func change(_ sectors: Range<UInt64>, to generation: UInt64) {
      number += 1
      for sector in sectors { changes[sector, default: []].append((number, generation)) }
    }

    /// What may be there after a crash when so many changes were flushed, and so many made.
    func allowed(_ sector: UInt64, flushed: Int, made: Int) -> [UInt64] {
      let all = changes[sector]!
      let last = all.last { $0.number <= flushed }?.generation
      return [last ?? .max] + all.filter { $0.number > flushed && $0.number <= made }.map(\.generation)
    }
  }

  @Test(arguments: kinds)
  func whatWasFlushedOutlivesACrashAtAnyWrite(kind: Kind) throws {
    let fixture = ImageFixture()
    let image = fixture["a.\(kind.format.rawValue)"]
    var options = kind.options
    if kind.hasParent { options.append("backing_file=\(try makeParent(kind, fixture))") }
    try ImageCreation.create(image, ImageOptions(kind.format, options, path: image), size: kind.size)
    var generator = Generator(seed: 77)
    let recorder = CrashRecorder()
    let disk = try VirtualDisk.open(image, OpenOptions(readOnly: false))
    try recorder.watch(disk)
    var model = Model()
    // After how many events each change was begun, and each flush was over with so many changes.
    var begun: [Int] = []
    var flushed: [(events: Int, changes: Int)] = [(0, 0)]
    for step in 0..<24 {
      let sectors = UInt64([1, 3, 8, 130].randomElement(using: &generator)!)
      let first = UInt64.random(in: 0...(kind.size / 512 - sectors), using: &generator)
      begun.append(recorder.events.count)
      if step % 7 == 5 {
        try disk.zero(first * 512, sectors * 512)
        model.change(first..<(first + sectors), to: 0)
      } else {
        let generation = UInt64(step + 1)
        try disk.write(pattern(sectors: Int(sectors), first: first, generation: generation), at: first * 512)
        model.change(first..<(first + sectors), to: generation)
      }
      if step % 3 == 2 {
        try disk.flush()
        flushed.append((recorder.events.count, model.number))
      }
    }
    try disk.close()
    disk.release()
    #expect(recorder.events.count > 24)
    for count in Self.points(recorder.events.count, &generator) {
      for crash in CrashRecorder.Crash.allCases {
        try recorder.replay(count, crash, &generator)
        let sure = flushed.last { $0.events <= count }!.changes
        let made = begun.filter { $0 < count || count == recorder.events.count }.count
        try expectWhole(image, model, flushed: sure, made: made, kind, "event \(count), \(crash)")
      }
    }
  }

  /// After which events it crashes: some of them, or, where NEARMETAL_IMAGE_CASES asks for more than is done by default, after each.
  private static func points(_ count: Int, _ generator: inout Generator) -> [Int] {
    if ProcessInfo.processInfo.environment["NEARMETAL_IMAGE_CASES"] != nil { return Array(0...count) }
    return (0..<12).map { _ in Int.random(in: 0...count, using: &generator) } + [count]
  }

  private func makeParent(_ kind: Kind, _ fixture: ImageFixture) throws -> String {
    let name = "parent.\(kind.format.rawValue)"
    try ImageCreation.create(fixture[name], ImageOptions(kind.format, path: fixture[name]), size: kind.size)
    let parent = try VirtualDisk.open(fixture[name], OpenOptions(readOnly: false))
    for offset in stride(from: 0, to: kind.size, by: 1 << 20) {
      try parent.write(pattern(sectors: 2048, first: offset / 512, generation: 1000), at: offset)
    }
    try parent.close()
    return name
  }

  private func expectWhole(
    _ image: String, _ model: Model, flushed: Int, made: Int, _ kind: Kind, _ what: String
  ) throws {
    let found = try ImageCheck.check(image, format: nil, repair: .none)
    if !found.isClean {
      let repaired = try ImageCheck.check(image, format: nil, repair: .all)
      #expect(repaired.corruptions == 0 && repaired.leaks == 0, "\(what): \(repaired.findings)")
      let again = try ImageCheck.check(image, format: nil, repair: .none)
      #expect(again.isClean, "\(what): \(again.findings)")
    }
    // Whatever is not right is nothing that another program would take for wrong data: counts too high, or a copy that is missing.
    let disk = try VirtualDisk.open(image)
    for sector in model.changes.keys.sorted() {
      let bytes = try disk.bytes(512, at: sector * 512)
      let allowed = model.allowed(sector, flushed: flushed, made: made)
      let isAllowed = allowed.contains { generation in
        switch generation {
        case 0: bytes.allSatisfy { $0 == 0 }
        case .max:
          kind.hasParent ? bytes == pattern(sectors: 1, first: sector, generation: 1000) : bytes.allSatisfy { $0 == 0 }
        default: bytes == pattern(sectors: 1, first: sector, generation: generation)
        }
      }
      #expect(isAllowed, "\(what): sector \(sector) holds none of \(allowed)")
    }
  }
}
