import CLinux
import Glibc
import LinuxSystem
import Storage
import SystemPackage
import TestSupport
import Testing

/// Claims that hold for every engine that keeps bytes, over real files and memory.
@Suite struct StorageEngineTests {
  static let size: UInt64 = 4 << 20
  static let kinds = ["memory", "file", "direct"]

  @Test(arguments: kinds)
  func aPreparedDiskReadsAsItsPattern(kind: String) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 7)
    var engine = try disk.specification.open()
    #expect(engine.capacity == Self.size)
    let buffer = try TestBuffer(128 << 10)
    for offset: UInt64 in [0, 4096, 1 << 20, Self.size - UInt64(buffer.count)] {
      #expect(unsafe engine.run(.read, offset, buffer.bytes) == 0)
      #expect(buffer.mismatch(firstSector: offset / 512, seed: 7) == nil)
    }
  }

  @Test(arguments: kinds, [(0, 4096), (3, 512), (512, 1536)])
  func whatIsWrittenIsReadBackAndNothingBesideItChanges(kind: String, shape: (address: Int, count: Int)) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 1)
    var engine = try disk.specification.open()
    let buffer = try TestBuffer(64 << 10)
    let part = unsafe UnsafeMutableRawBufferPointer(
      rebasing: buffer.bytes[shape.address..<(shape.address + shape.count)])
    let sector: UInt64 = 9
    unsafe DiskPattern.fill(part, firstSector: sector, seed: 1, generation: 5)
    #expect(unsafe engine.run(.write, sector * 512, part) == 0)
    unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
    #expect(unsafe engine.run(.read, sector * 512, part) == 0)
    let written = unsafe DiskPattern.firstMismatch(
      in: UnsafeRawBufferPointer(part), firstSector: sector, seed: 1, generation: 5)
    #expect(written == nil)
    let before = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[0..<Int(sector * 512)])
    #expect(unsafe engine.run(.read, 0, before) == 0)
    #expect(unsafe DiskPattern.firstMismatch(in: UnsafeRawBufferPointer(before), firstSector: 0, seed: 1) == nil)
    let after = sector + UInt64(shape.count / 512)
    #expect(unsafe engine.run(.read, after * 512, before) == 0)
    #expect(unsafe DiskPattern.firstMismatch(in: UnsafeRawBufferPointer(before), firstSector: after, seed: 1) == nil)
  }

  @Test(arguments: kinds + ["null"])
  func systemCallsAndCopiesAreCounted(kind: String) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 1)
    var engine = try disk.specification.open()
    let buffer = try TestBuffer(4096 + 512)
    let page = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[0..<4096])
    for offset: UInt64 in [0, 4096, 8192] { #expect(unsafe engine.run(.read, offset, page) == 0) }
    switch kind {
    case "file": #expect(engine.counts.calls == 3)
    // Each is handed over alone, and may be waited for.
    case "direct": #expect((3...9).contains(engine.counts.calls))
    default: #expect(engine.counts.calls == 0)
    }
    #expect(engine.counts.copies == 0)
    let calls = engine.counts.calls
    #expect(unsafe engine.run(.read, Self.size, page) == EINVAL)
    #expect(engine.counts.calls == calls, "what is refused is not asked for")
    guard kind == "direct" else { return }
    let odd = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[8..<8 + 4096])
    #expect(unsafe engine.run(.read, 0, odd) == 0)
    #expect(engine.counts.copies == 1 && engine.counts.calls == calls + 1)
  }

  @Test(arguments: kinds + ["null"])
  func aRangeOutsideTheDiskOrInsideASectorIsRefused(kind: String) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 1)
    var engine = try disk.specification.open()
    let buffer = try TestBuffer(8192)
    for offset: UInt64 in [Self.size, Self.size - 4096, UInt64.max - 511, 256] {
      #expect(unsafe engine.run(.read, offset, buffer.bytes) == EINVAL)
    }
    let odd = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[0..<100])
    #expect(unsafe engine.run(.write, 0, odd) == EINVAL)
    #expect(engine.run(.discard, Self.size - 512, count: 1024) == EINVAL)
  }

  @Test(arguments: kinds + ["null"])
  func aReadOnlyDiskRefusesEveryChange(kind: String) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 1)
    var engine = try disk.specification.open(readOnly: true)
    let isReadOnly = engine.isReadOnly
    #expect(isReadOnly)
    let buffer = try TestBuffer(4096)
    #expect(unsafe engine.run(.write, 0, buffer.bytes) == EROFS)
    #expect(engine.run(.discard, 0, count: 4096) == EROFS)
    #expect(engine.run(.writeZeroes, 0, count: 4096) == EROFS)
    #expect(unsafe engine.run(.read, 0, buffer.bytes) == 0)
  }

  @Test(arguments: ["file", "direct"])
  func aFlushOfAFileIsCountedOnceForEachThatTheKernelAccepted(kind: String) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 1)
    var engine = try disk.specification.open()
    #expect(engine.counts.flushes == 0)
    for _ in 0..<3 { #expect(engine.run(.flush, 0, count: 0) == 0) }
    #expect(engine.counts.flushes == 3)
  }

  @Test(arguments: ["file", "direct"])
  func aFileThatShrinksUnderItsDiskGivesEIOWholeOrInPart(kind: String) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 1)
    var engine = try disk.specification.open()
    try disk.truncate(to: 1 << 20)
    let buffer = try TestBuffer(64 << 10)
    #expect(unsafe engine.run(.read, 2 << 20, buffer.bytes) == EIO)
    #expect(unsafe engine.run(.read, (1 << 20) - 4096, buffer.bytes) == EIO)
    #expect(unsafe engine.run(.read, (1 << 20) - UInt64(buffer.count), buffer.bytes) == 0)
  }

  @Test(arguments: kinds)
  func zeroedRangesReadAsZerosAndTheirNeighboursStay(kind: String) throws {
    let disk = try TestDisk(kind, size: Self.size, seed: 1)
    var engine = try disk.specification.open()
    let code = engine.run(.writeZeroes, 8192, count: 8192)
    guard code != ENOTSUP else { return #expect(kind != "memory", "memory can always be zeroed") }
    #expect(code == 0)
    let buffer = try TestBuffer(24576)
    #expect(unsafe engine.run(.read, 0, buffer.bytes) == 0)
    #expect(unsafe buffer.bytes[8192..<16384].allSatisfy { $0 == 0 })
    let head = unsafe UnsafeRawBufferPointer(rebasing: buffer.bytes[0..<8192])
    #expect(unsafe DiskPattern.firstMismatch(in: head, firstSector: 0, seed: 1) == nil)
    let tail = unsafe UnsafeRawBufferPointer(rebasing: buffer.bytes[16384...])
    #expect(unsafe DiskPattern.firstMismatch(in: tail, firstSector: 32, seed: 1) == nil)
  }

  @Test func aDiscardedRangeOfAFileGivesItsBlocksBack() throws {
    let disk = try TestDisk("file", size: Self.size, seed: 1)
    var engine = try disk.specification.open()
    let before = try disk.allocatedBytes()
    let code = engine.run(.discard, 0, count: 1 << 20)
    guard code != ENOTSUP else { return }
    #expect(code == 0)
    #expect(try disk.allocatedBytes() <= before - (1 << 20))
  }

  @Test func requestsInFlightTogetherEachCompleteOnceWithTheirOwnBytes() throws {
    let disk = try TestDisk("direct", size: Self.size, seed: 3)
    var engine = try disk.specification.open()
    let depth = 64
    let buffer = try TestBuffer(depth * 4096)
    var pending = Set<UInt64>()
    for index in 0..<depth {
      let target = unsafe buffer.bytes.baseAddress! + index * 4096
      let request = unsafe StorageRequest(
        .read, token: UInt64(index), offset: UInt64((index * 37) % 1024) * 4096, count: 4096, buffer: target)
      if let done = engine.submit(request) { #expect(done.error == 0) } else { pending.insert(UInt64(index)) }
    }
    #expect(pending.count == depth, "aligned transfers are asynchronous")
    engine.kick()
    let completions = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: 7)
    defer { unsafe completions.deallocate() }
    while !pending.isEmpty {
      let count = unsafe engine.reap(into: completions, wait: true)
      #expect(count > 0)
      for index in 0..<count {
        #expect(unsafe pending.remove(completions[index].token) != nil)
        #expect(unsafe completions[index].error == 0)
      }
    }
    for index in 0..<depth {
      let page = unsafe UnsafeRawBufferPointer(rebasing: buffer.bytes[(index * 4096)..<(index * 4096 + 4096)])
      let sector = UInt64((index * 37) % 1024) * 8
      #expect(unsafe DiskPattern.firstMismatch(in: page, firstSector: sector, seed: 3) == nil)
    }
    #expect(unsafe engine.reap(into: completions, wait: true) == 0, "waiting for nothing returns")
  }

  @Test func aFullFileSystemGivesEnospcAndNothingElseBreaks() throws {
    let full = try SmallFileSystem(bytes: 1 << 20)
    guard let full else { return }
    let path = full.path + "/disk"
    let file = try Descriptor.open(path, O_RDWR | O_CREAT)
    #expect(ftruncate(file.rawValue, 8 << 20) == 0)
    var engine = try BackingSpecification.file(path: path).open()
    let buffer = try TestBuffer(1 << 20)
    var codes = [Int32]()
    for index in 0..<4 { codes.append(unsafe engine.run(.write, UInt64(index) << 20, buffer.bytes)) }
    #expect(codes.contains(ENOSPC))
    #expect(unsafe engine.run(.read, 0, buffer.bytes) == 0)
    let error = #expect(throws: SystemError.self) {
      try DiskImage.prepare(path: full.path + "/other", size: 8 << 20, seed: 1)
    }
    #expect(error?.errno == .noSpace)
    #expect(error?.description.contains("/other") == true)
  }

  @Test(arguments: ["file", "direct"])
  func openingWhatIsNoDiskSaysWhyInOneLine(kind: String) throws {
    for path in ["/nonexistent/disk", "/dev/null", "/proc"] {
      let error = #expect(throws: SystemError.self) {
        _ = try (kind == "file" ? BackingSpecification.file(path: path) : .direct(path: path)).open()
      }
      #expect(error?.description.contains(path) == true)
      #expect(error?.description.contains("\n") == false)
    }
  }
}
