import CLinux
import Synchronization
import SystemPackage

/// Words of memory that this process shares with those that it forks later, all 0 at first.
@safe public final class SharedWords: @unchecked Sendable {
  // @unchecked: every word is atomic, and the memory lives as long as this.

  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  private let mapping: Mapping
  public let count: Int

  public init(count: Int) throws(SystemError) {
    self.count = count
    mapping = try Mapping.shared(count: count * MemoryLayout<Atomic<UInt64>>.stride)
    unsafe words = unsafe mapping.base.bindMemory(to: Atomic<UInt64>.self, capacity: count)
  }

  public subscript(index: Int) -> UInt64 {
    get {
      precondition((0..<count).contains(index))
      return unsafe words[index].load(ordering: .acquiring)
    }
    set {
      precondition((0..<count).contains(index))
      unsafe words[index].store(newValue, ordering: .releasing)
    }
  }

  /// Replaces a word that has a certain value.
  /// - Returns: whether it had.
  public func exchange(_ index: Int, _ expected: UInt64, for value: UInt64) -> Bool {
    precondition((0..<count).contains(index))
    return unsafe words[index].compareExchange(
      expected: expected, desired: value, ordering: .acquiringAndReleasing
    ).exchanged
  }

  /// Adds one to a word.
  public func increment(_ index: Int) {
    precondition((0..<count).contains(index))
    _ = unsafe words[index].wrappingAdd(1, ordering: .relaxed)
  }

  /// Where a word is, for whoever stores it without calling anything: a signal's handler.
  public func address(of index: Int) -> UnsafeMutableRawPointer {
    precondition((0..<count).contains(index))
    return unsafe UnsafeMutableRawPointer(words + index)
  }
}
