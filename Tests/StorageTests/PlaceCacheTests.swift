import Testing

@testable import Storage

@Suite struct PlaceCacheTests {
  private let piece = PlaceCache.Size.short.bytes

  /// Where a range lies, as text that an expectation can show.
  private func found(_ cache: borrowing PlaceCache, _ offset: UInt64, _ count: Int, writing: Bool = false) -> String {
    cache.find(offset, count, writing: writing).map { "\($0.file):\($0.offset)" } ?? "unknown"
  }

  @Test func aPieceIsFoundAtAnyOffsetInsideItAndNowhereElse() {
    let cache = PlaceCache()
    cache.keep(BlockPlace(file: 3, offset: 1 << 40), of: 5 * piece, .short, writing: false)
    let (inside, last) = (found(cache, 5 * piece + 4096, 4096), found(cache, 6 * piece - 4096, 4096))
    #expect(inside == "3:\((1 << 40) + 4096)" && last == "3:\((1 << 40) + 61440)")
    let (across, before) = (found(cache, 6 * piece - 4096, 8192), found(cache, 4 * piece, 4096))
    #expect(across == "unknown" && before == "unknown", "other pieces may lie elsewhere")
    let written = found(cache, 5 * piece, 4096, writing: true)
    #expect(written == "unknown", "it may be a parent's")
  }

  @Test func aLongPieceIsFoundBeforeShortOnes() {
    let cache = PlaceCache()
    cache.keep(BlockPlace(file: 0, offset: 512), of: 32 * piece, .short, writing: true)
    cache.keep(BlockPlace(file: 1, offset: 1 << 30), of: 32 * piece, .long, writing: false)
    let (read, written) = (found(cache, 32 * piece, 4096), found(cache, 32 * piece, 4096, writing: true))
    #expect(read == "1:\(1 << 30)" && written == "0:512")
    let (last, behind) = (found(cache, 64 * piece - 512, 512), found(cache, 64 * piece, 512))
    #expect(last == "1:\((1 << 30) + (2 << 20) - 512)" && behind == "unknown")
  }

  @Test func whatMayBeWrittenMayBeRead() {
    let cache = PlaceCache()
    cache.keep(BlockPlace(file: 0, offset: 65536), of: 0, .short, writing: true)
    let (written, read) = (found(cache, 0, 512, writing: true), found(cache, 0, 512))
    #expect(written == "0:65536" && read == "0:65536")
  }

  @Test func anotherPieceTakesAnEntryAndNeverPassesForIt() {
    let cache = PlaceCache()
    cache.keep(BlockPlace(file: 0, offset: 65536), of: 0, .short, writing: false)
    cache.keep(BlockPlace(file: 0, offset: 131072), of: 8192 * piece, .short, writing: false)
    let (first, second) = (found(cache, 0, 512), found(cache, 8192 * piece, 512))
    #expect(first == "unknown" && second == "0:131072")
  }

  @Test func nothingIsFoundAfterItWasCleared() {
    var cache = PlaceCache()
    var (kept, forgotten) = (0, 0)
    for number in 0..<70000 {
      cache.keep(BlockPlace(file: 0, offset: UInt64(number) * 512), of: 0, .short, writing: true)
      if cache.find(0, 512, writing: true)?.offset == UInt64(number) * 512 { kept += 1 }
      cache.clear()
      if cache.find(0, 512, writing: false) == nil { forgotten += 1 }
    }
    #expect(kept == 70000 && forgotten == 70000)
  }

  @Test func anOffsetOfNoWholeSectorIsNotKept() {
    let cache = PlaceCache()
    cache.keep(BlockPlace(file: 1, offset: 100), of: 0, .short, writing: false)
    let place = found(cache, 0, 512)
    #expect(place == "unknown")
  }
}
