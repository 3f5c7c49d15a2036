/// What became of the numbered records of a stream at its receiver: lost, duplicated, or out of order.
///
/// A gap counts as lost until the missing record comes after all; that one is then out of order. Records that are late by
/// more than `memory` cannot be told from duplicates and count as such.
struct NetTracker: BitwiseCopyable {
  /// How many of the latest numbers are remembered.
  private static var memory: UInt64 { 1024 }
  private var seen: [16 of UInt64]

  /// One more than the highest number that came.
  private(set) var next: UInt64 = 0
  /// Records that came, each once.
  private(set) var received: UInt64 = 0
  private(set) var duplicated: UInt64 = 0
  /// Records that came after one with a higher number.
  private(set) var reordered: UInt64 = 0

  init() { seen = .init(repeating: 0) }

  /// Records below `next` that did not come.
  var lost: UInt64 { next &- received }

  /// Takes note of a record.
  /// - Parameter limit: no number at or above it was sent; one that claims to be is refused.
  /// - Returns: whether the number is one that may be.
  @inline(__always)
  mutating func note(_ number: UInt64, limit: UInt64 = .max) -> Bool {
    guard number < limit else { return false }
    if number == next {
      next &+= 1
      received &+= 1
      mark(number, true)
    } else {
      noteOther(number)
    }
    return true
  }

  private mutating func noteOther(_ number: UInt64) {
    if number > next {
      // Numbers in between are unknown so far: what their places remember is of 1024 numbers ago.
      let gap = number &- next
      for step in 0..<min(gap, NetTracker.memory) { mark(number &- 1 &- step, false) }
      next = number &+ 1
      received &+= 1
      mark(number, true)
    } else if next &- number <= NetTracker.memory, !isMarked(number) {
      mark(number, true)
      received &+= 1
      reordered &+= 1
    } else {
      duplicated &+= 1
    }
  }

  @inline(__always)
  private mutating func mark(_ number: UInt64, _ value: Bool) {
    let (word, bit) = (Int(number &>> 6 & 15), UInt64(1) &<< (number & 63))
    seen[word] = value ? seen[word] | bit : seen[word] & ~bit
  }

  private func isMarked(_ number: UInt64) -> Bool { seen[Int(number &>> 6 & 15)] &>> (number & 63) & 1 == 1 }
}
