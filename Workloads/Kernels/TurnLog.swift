import ProbeABI

/// The windows of a job's turns, in the order in which they were measured.
/// Sound as `@safe` because indices are checked; whoever makes one vouches for the memory.
@safe struct TurnLog {
  private let turns: UnsafeMutablePointer<nm_turn>
  private(set) var count = 0

  private static var most: Int { Int(NM_MAX_TURNS) }
  /// Bytes of memory that a log needs.
  static var size: UInt64 { UInt64(most * MemoryLayout<nm_turn>.stride) }

  /// - Parameter memory: at least `size` bytes, aligned to 8.
  @unsafe init(memory: Region) {
    unsafe turns = memory.pointer(to: nm_turn.self)
  }

  mutating func clear() { count = 0 }

  /// Keeps a window. There are no more than `NM_MAX_TURNS`.
  mutating func append(_ window: MeasuredWindow, median: UInt64) {
    precondition(count < TurnLog.most)
    unsafe turns[count] = nm_turn(
      opened_tsc: window.opened, ticks: window.closed &- window.opened, operations: window.operations,
      bytes: window.bytes, median: median)
    count += 1
  }

  subscript(index: Int) -> nm_turn {
    precondition(index >= 0 && index < count)
    return unsafe turns[index]
  }
}
