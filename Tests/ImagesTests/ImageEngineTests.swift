import Foundation
import Storage
import Testing

@testable import Images

/// Disks in images as legs use them: whatever is read, written and discarded through the engine, in whatever order, the disk holds what
/// a plain array of bytes would.
@Suite struct ImageEngineTests {
  private static let size = 6 << 20

  /// Requests, and what the disk must hold after them. The generation of each sector, 0 for zeros.
  private struct Model {
    var generations: [UInt64]
    var next: UInt64 = 2

    func bytes(_ sectors: Range<Int>) -> [UInt8] {
      sectors.flatMap { sector in
        generations[sector] == 0
          ? [UInt8](repeating: 0, count: 512)
          : pattern(sectors: 1, first: UInt64(sector), generation: generations[sector])
      }
    }
  }

  private func make(_ kind: CrashTests.Kind, in folder: String) throws -> (path: String, generation: UInt64) {
    let path = "\(folder)/a.image"
    var options = kind.options
    if kind.hasParent {
      let parent = "\(folder)/parent"
      try ImageCreation.create(parent, ImageOptions(kind.format, path: parent), size: UInt64(Self.size))
      let disk = try VirtualDisk.open(parent, OpenOptions(readOnly: false))
      try disk.write(pattern(sectors: Self.size / 512, first: 0, generation: 1), at: 0)
      try disk.close()
      disk.release()
      options.append("backing_file=parent")
    }
    try ImageCreation.create(path, ImageOptions(kind.format, options, path: path), size: UInt64(Self.size))
    return (path, kind.hasParent ? 1 : 0)
  }

  @Test(arguments: CrashTests.kinds, [false, true])
  func theEngineKeepsWhatAnArrayWouldKeep(kind: CrashTests.Kind, isDirect: Bool) throws {
    let folder = "/var/tmp/nearmetal-engine-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (path, generation) = try make(kind, in: folder)
    var model = Model(generations: Array(repeating: generation, count: Self.size / 512))
    var generator = Generator(seed: 31)
    do {
      var engine = try BackingSpecification.image(path, OpenOptions(isDirect: isDirect)).open()
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
      defer { unsafe buffer.deallocate() }
      for step in 0..<600 {
        let count = [1, 2, 8, 8, 8, 16, 128, 300].randomElement(using: &generator)!
        // Hot places, so that pieces are asked for again in every way.
        let first = min(
          Int.random(in: 0..<12, using: &generator) * 1024 + Int.random(in: 0..<200, using: &generator),
          Self.size / 512 - count)
        let sectors = first..<(first + count)
        let what = "step \(step), sectors \(sectors)"
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5:
          #expect(unsafe perform(&engine, .read, sectors, buffer) == 0, "\(what)")
          #expect(unsafe Array(buffer.prefix(count * 512)) == model.bytes(sectors), "\(what)")
        case 5..<8:
          let bytes = pattern(sectors: count, first: UInt64(first), generation: model.next)
          unsafe buffer.copyBytes(from: bytes)
          #expect(unsafe perform(&engine, .write, sectors, buffer) == 0, "\(what)")
          for sector in sectors { model.generations[sector] = model.next }
          model.next += 1
        case 8:
          #expect(unsafe perform(&engine, .writeZeroes, sectors, buffer) == 0, "\(what)")
          for sector in sectors { model.generations[sector] = 0 }
        default: #expect(unsafe perform(&engine, .flush, 0..<0, buffer) == 0, "\(what)")
        }
      }
    }
    let report = try ImageCheck.check(path, format: nil, repair: .none)
    #expect(report.isClean, "\(report.findings)")
    #expect(try VirtualDisk.open(path).bytes(Self.size, at: 0) == model.bytes(0..<(Self.size / 512)))
  }

  /// Many at a time, more than blocks are copied at once: writes to blocks that only the parent has, several to one block, and reads
  /// and zeros between them. What two requests in flight would both touch is left out, since its order is nobody's.
  @Test(
    arguments: [
      CrashTests.Kind(format: .qcow2, options: [], size: 0),
      CrashTests.Kind(format: .qcow2, options: [], size: 0, hasParent: true),
      CrashTests.Kind(format: .qcow2, options: ["cluster_size=4k"], size: 0, hasParent: true),
      CrashTests.Kind(format: .vmdk, options: [], size: 0),
      CrashTests.Kind(format: .vmdk, options: ["zeroed_grain=on"], size: 0, hasParent: true),
    ], [1, 2, 3])
  func manyRequestsInFlightKeepWhatAnArrayWouldKeep(kind: CrashTests.Kind, seed: UInt64) throws {
    let folder = "/var/tmp/nearmetal-engine-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (path, generation) = try make(kind, in: folder)
    var model = Model(generations: Array(repeating: generation, count: Self.size / 512))
    var generator = Generator(seed: seed)
    let (depth, longest) = (64, 64 << 10)
    do {
      var engine = try BackingSpecification.image(path, OpenOptions(isDirect: true)).open()
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: depth * longest, alignment: 4096)
      defer { unsafe buffer.deallocate() }
      let done = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: depth)
      defer { unsafe done.deallocate() }
      /// By token, what is in flight, and for a read what it must give.
      var flying: [Int: (sectors: Range<Int>, expected: [UInt8]?)] = [:]
      func end(_ completion: StorageCompletion) {
        let token = Int(completion.token)
        let one = flying.removeValue(forKey: token)
        #expect(one != nil && completion.error == 0, "token \(token), \(String(describing: one?.sectors))")
        guard let expected = one?.expected else { return }
        let bytes = unsafe Array(buffer[(token * longest)..<(token * longest + expected.count)])
        #expect(bytes == expected, "sectors \(String(describing: one?.sectors))")
      }
      func reap() {
        engine.kick()
        for index in 0..<(unsafe engine.reap(into: done, wait: true)) { end(unsafe done[index]) }
      }
      for step in 0..<3000 {
        let count = [1, 8, 8, 8, 16, 100].randomElement(using: &generator)!
        let first = Int.random(in: 0..<(Self.size / 512 - count), using: &generator) & ~7
        let sectors = first..<(first + count)
        while flying.count == depth || flying.values.contains(where: { $0.sectors.overlaps(sectors) }) { reap() }
        let token = (0..<depth).first { flying[$0] == nil }!
        let base = unsafe buffer.baseAddress! + token * longest
        let operation: StorageOperation =
          step % 50 == 49 ? .writeZeroes : [.read, .write, .write].randomElement(using: &generator)!
        flying[token] = (sectors, operation == .read ? model.bytes(sectors) : nil)
        if operation != .read {
          for sector in sectors { model.generations[sector] = operation == .write ? model.next : 0 }
        }
        if operation == .write {
          let bytes = pattern(sectors: count, first: UInt64(first), generation: model.next)
          unsafe base.copyMemory(from: bytes, byteCount: bytes.count)
          model.next += 1
        }
        let request = unsafe StorageRequest(
          operation, token: UInt64(token), offset: UInt64(first) * 512, count: count * 512,
          buffer: operation == .writeZeroes ? nil : base)
        if let completion = engine.submit(request) { end(completion) }
      }
      let deadline = ContinuousClock.now + .seconds(60)
      while !flying.isEmpty, ContinuousClock.now < deadline { reap() }
      #expect(flying.isEmpty)
    }
    let report = try ImageCheck.check(path, format: nil, repair: .none)
    #expect(report.isClean, "\(report.findings)")
    #expect(try VirtualDisk.open(path).bytes(Self.size, at: 0) == model.bytes(0..<(Self.size / 512)))
  }

  /// A grain table of a VMDK is of 32 MiB. While grains are on their way to the file's end the next table must not lie there.
  @Test func tablesThatAreMadeWhileGrainsAreOnTheirWayLieBehindThem() throws {
    let folder = "/var/tmp/nearmetal-engine-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (parent, path) = ("\(folder)/parent", "\(folder)/a.image")
    let (tables, grains, grain, table) = (3, 8, 128, (32 << 20) / 512)
    try ImageCreation.create(parent, ImageOptions(.vmdk, path: parent), size: UInt64(tables * table * 512))
    let disk = try VirtualDisk.open(parent, OpenOptions(readOnly: false))
    for number in 0..<tables {
      let first = number * table
      try disk.write(pattern(sectors: grains * grain, first: UInt64(first), generation: 1), at: UInt64(first) * 512)
    }
    try disk.close()
    disk.release()
    try ImageCreation.create(
      path, ImageOptions(.vmdk, ["backing_file=parent"], path: path), size: UInt64(tables * table * 512))
    do {
      var engine = try BackingSpecification.image(path, OpenOptions(isDirect: true)).open()
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: tables * grains * 4096, alignment: 4096)
      defer { unsafe buffer.deallocate() }
      let done = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: tables * grains)
      defer { unsafe done.deallocate() }
      var open = tables * grains
      for token in 0..<open {
        let first = token / grains * table + token % grains * grain
        let base = unsafe buffer.baseAddress! + token * 4096
        unsafe base.copyMemory(from: pattern(sectors: 8, first: UInt64(first), generation: 2), byteCount: 4096)
        let request = unsafe StorageRequest(
          .write, token: UInt64(token), offset: UInt64(first) * 512, count: 4096, buffer: base)
        if let completion = engine.submit(request) {
          #expect(completion.error == 0)
          open -= 1
        }
      }
      let deadline = ContinuousClock.now + .seconds(60)
      while open > 0, ContinuousClock.now < deadline {
        engine.kick()
        for index in 0..<(unsafe engine.reap(into: done, wait: true)) {
          #expect(unsafe done[index].error == 0)
          open -= 1
        }
      }
      #expect(open == 0)
    }
    #expect(try ImageCheck.check(path, format: nil, repair: .none).isClean)
    let image = try VirtualDisk.open(path)
    for number in 0..<(tables * grains) {
      let first = number / grains * table + number % grains * grain
      let expected =
        pattern(sectors: 8, first: UInt64(first), generation: 2)
        + pattern(sectors: grain - 8, first: UInt64(first + 8), generation: 1)
      #expect(try image.bytes(grain * 512, at: UInt64(first) * 512) == expected, "the grain at sector \(first)")
    }
  }

  /// One request to its end.
  private func perform(
    _ engine: inout Backing, _ operation: StorageOperation, _ sectors: Range<Int>,
    _ buffer: UnsafeMutableRawBufferPointer
  ) -> Int32? {
    let hasBuffer = operation == .read || operation == .write
    let request = unsafe StorageRequest(
      operation, token: 7, offset: UInt64(sectors.lowerBound) * 512, count: sectors.count * 512,
      buffer: hasBuffer ? buffer.baseAddress : nil)
    if let completion = engine.submit(request) { return completion.error }
    let one = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: 1)
    defer { unsafe one.deallocate() }
    engine.kick()
    return unsafe engine.reap(into: one, wait: true) == 1 ? one[0].error : nil
  }
}
