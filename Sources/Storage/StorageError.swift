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
  /// ECANCELED: whoever asked is gone. No engine says so.
  public static let canceled: Int32 = 125
}
