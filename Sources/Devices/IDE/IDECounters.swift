/// What a guest made the disk do. Every access counted as a register or data access is an exit, except that repeated
/// accesses of one string instruction share theirs.
public struct IDECounters: Hashable, Sendable {
  public var commands: UInt64 = 0
  public var sectorsRead: UInt64 = 0
  public var sectorsWritten: UInt64 = 0
  public var flushes: UInt64 = 0
  /// Accesses to registers other than the data port.
  public var registerAccesses: UInt64 = 0
  /// Accesses to the data port; a string instruction counts as often as it exits.
  public var dataAccesses: UInt64 = 0
  /// Pulses of the interrupt line.
  public var interrupts: UInt64 = 0
  /// Requests that the storage engine got.
  public var engineRequests: UInt64 = 0
  /// System calls that it made for them, and those whose data it copied.
  public var engineCalls: UInt64 = 0
  public var engineCopies: UInt64 = 0
  /// Commands that ended with an error.
  public var errors: UInt64 = 0

  public init() {}
}
