import CLinux

/// A device's counters: one thread writes them, any thread reads them.
@safe public final class BlockCounters: @unchecked Sendable {
  // @unchecked: each word is written by the I/O thread alone, by single stores, and read by single loads.

  private let words: UnsafeMutablePointer<UInt64>

  init() {
    // A line of its own on either side: readers elsewhere must not slow the writer.
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 128)
    unsafe words = bytes.initializeMemory(as: UInt64.self, repeating: 0, count: 32)
  }

  deinit {
    unsafe words.deallocate()
  }

  /// The value now.
  public subscript(counter: BlockCounter) -> UInt64 {
    unsafe nm_shared_load64(words + counter.rawValue)
  }

  /// The writer's view, for the data path.
  var writer: Writer { unsafe Writer(words: words) }

  /// Adds without a locked instruction, as nobody else writes.
  @safe struct Writer: BitwiseCopyable {
    fileprivate let words: UnsafeMutablePointer<UInt64>

    @inline(__always)
    func add(_ counter: BlockCounter, _ count: UInt64 = 1) {
      unsafe nm_shared_store64(words + counter.rawValue, words[counter.rawValue] &+ count)
    }
  }
}
