import Storage

/// What a virtio-blk device shows of its disk.
public struct BlockDisk: Hashable, Sendable {
  /// Bytes, a multiple of 512.
  public var capacity: UInt64
  public var isReadOnly: Bool
  /// What GET_ID answers: at most 20 bytes of ASCII (virtio 1.2 §5.2.6).
  public var identity: String

  public init(capacity: UInt64, isReadOnly: Bool = false, identity: String = "nearmetal") {
    self.capacity = capacity & ~511
    self.isReadOnly = isReadOnly
    self.identity = identity
  }

  /// The disk that an engine has.
  public init<Engine: StorageEngine & ~Copyable>(of engine: borrowing Engine, identity: String = "nearmetal") {
    self.init(capacity: engine.capacity, isReadOnly: engine.isReadOnly, identity: identity)
  }
}
