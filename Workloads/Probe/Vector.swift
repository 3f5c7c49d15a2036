import CProbe

/// Interrupt vectors by use. All but `own` end a halt for certain.
enum Vector {
  /// To itself, timers, device lines, where the wait for them spins: the shortest handler.
  static let own = UInt32(VECTOR_FIRST)
  /// Wakes another processor.
  static let wake = UInt32(VECTOR_FIRST + 1)
  /// Device lines.
  static let device = UInt32(VECTOR_FIRST + 2)
  /// The timer that ends a wait for a device that does not answer.
  static let alarm = UInt32(VECTOR_FIRST + 3)
  /// The network interface's.
  static let net = UInt32(VECTOR_FIRST + 4)
  /// To itself, timers.
  static let wakeOwn = UInt32(VECTOR_FIRST + 5)
  /// Commands to other processors, and a disk whose queues several of them drive: none of their counts may get lost.
  static let shared = UInt32(VECTOR_FIRST + VECTOR_SHARED)
}
