/// A request's end.
public struct StorageCompletion: Sendable {
  public var token: UInt64
  /// 0, or a positive errno.
  public var error: Int32

  @inlinable
  public init(token: UInt64, error: Int32) {
    self.token = token
    self.error = error
  }
}

/// The errnos that engines themselves give, named so that inlined code needs no C module.
public enum StorageError {
  /// EIO: the backing failed, or ended before the disk does.
  public static let inputOutput: Int32 = 5
  /// EINVAL: a range outside the disk, or not of whole sectors.
  public static let invalid: Int32 = 22
  /// EROFS: a write to a read-only disk.
  public static let readOnly: Int32 = 30
  /// ENOTSUP: the backing cannot do this.
  public static let unsupported: Int32 = 95
}
