import TestSupport
import Testing

@testable import Storage

/// What only the engine past the page cache has: a ring, and its limits.
@Suite struct DirectEngineTests {
  private static let size: UInt64 = 4 << 20
  private static let depth = 32

  private func engine(_ disk: TestDisk, _ limits: DirectEngine.Limits) throws -> DirectEngine {
    guard case .direct(let path) = disk.specification else { throw NoPath() }
    return try DirectEngine(path: path, readOnly: false, limits: limits)
  }

  private struct NoPath: Error {}

  @Test(arguments: [false, true])
  func aRingIsFollowedByAnotherAndNoRequestIsLostBetweenThem(signals: Bool) throws {
    let disk = try TestDisk("direct", size: Self.size, seed: 3)
    var engine = try engine(disk, DirectEngine.Limits(requests: 50))
    if signals { _ = engine.completionEvent() }
    let buffer = try TestBuffer(Self.depth * 4096)
    var sectors = [UInt64](repeating: 0, count: Self.depth)
    var (submitted, finished) = (0, 0)
    func next() -> UInt64 { UInt64(submitted * 8 * 37) % (Self.size / 512) & ~7 }
    let completions = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: 8)
    defer { unsafe completions.deallocate() }
    var free = Array(0..<Self.depth)
    var patience = 60
    while finished < 2000 {
      while submitted < 2000, let slot = free.popLast() {
        sectors[slot] = next()
        let request = unsafe StorageRequest(
          .read, token: UInt64(slot), offset: sectors[slot] * 512, count: 4096,
          buffer: buffer.bytes.baseAddress! + slot * 4096)
        #expect(engine.submit(request) == nil)
        submitted += 1
      }
      let count = unsafe engine.reap(into: completions, wait: true)
      if count == 0 { patience -= 1 }
      try #require(patience > 0, "\(submitted - finished) requests do not come back")
      for index in 0..<count {
        let completion = unsafe completions[index]
        let slot = Int(completion.token)
        #expect(completion.error == 0)
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer.bytes[slot * 4096..<(slot + 1) * 4096])
        #expect(unsafe DiskPattern.firstMismatch(in: bytes, firstSector: sectors[slot], seed: 3) == nil)
        free.append(slot)
        finished += 1
      }
    }
    #expect(submitted == 2000)
  }

  @Test func aRingIsReplacedBeforeItsCountsOf32BitsComeAround() {
    #expect(DirectEngine.Limits().requests < UInt32.max - UInt32(RequestSlots.count))
  }

  @Test func whatIsLongerThanARequestOfTheRingIsCarriedOn() throws {
    let disk = try TestDisk("direct", size: Self.size, seed: 5)
    var engine = try engine(disk, DirectEngine.Limits(bytes: 8192))
    let buffer = try TestBuffer(1 << 20)
    #expect(unsafe engine.run(.read, 4096, buffer.bytes) == 0)
    #expect(buffer.mismatch(firstSector: 8, seed: 5) == nil)
    // A length of more than 32 bits never reaches the ring as one.
    #expect(DirectEngine.Limits().bytes <= Int(UInt32.max))
  }
}
