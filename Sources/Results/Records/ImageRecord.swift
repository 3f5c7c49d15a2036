/// The disk image or block device that a run was told to measure on.
public struct ImageRecord: Codable, Sendable, Equatable {
  public var path: String
  /// `raw`, `vpc`, `vhdx`, `vmdk` or `qcow2`.
  public var format: String
  /// Bytes of the disk.
  public var size: UInt64
  /// Whether legs were allowed to write it.
  public var isWritable: Bool

  public init(path: String, format: String, size: UInt64, isWritable: Bool) {
    self.path = path
    self.format = format
    self.size = size
    self.isWritable = isWritable
  }
}
