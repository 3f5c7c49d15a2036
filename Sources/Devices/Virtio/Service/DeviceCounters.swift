import CLinux

/// A device's counters, one for each case of `Name`: one thread writes them, any thread reads them.
@safe public final class DeviceCounters<Name>: @unchecked Sendable
where Name: RawRepresentable & CaseIterable & Sendable, Name.RawValue == Int {
  // @unchecked: each word is written by the I/O thread alone, by single stores, and read by single loads.

  private let words: UnsafeMutablePointer<UInt64>

  init() {
    // A line of its own on either side: readers elsewhere must not slow the writer.
    let count = 32
    precondition(Name.allCases.count <= count)
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 128)
    unsafe words = bytes.initializeMemory(as: UInt64.self, repeating: 0, count: count)
  }

  deinit {
    unsafe words.deallocate()
  }

  /// The value now.
  public subscript(counter: Name) -> UInt64 {
    unsafe nm_shared_load64(words + counter.rawValue)
  }

  /// The writer's view, for the data path.
  var writer: Writer { unsafe Writer(words: words) }

  /// Adds without a locked instruction, as there is one writer.
  @safe struct Writer: BitwiseCopyable {
    fileprivate let words: UnsafeMutablePointer<UInt64>

    @inline(__always)
    func add(_ counter: Name, _ count: UInt64 = 1) {
      unsafe nm_shared_store64(words + counter.rawValue, words[counter.rawValue] &+ count)
    }
  }
}
