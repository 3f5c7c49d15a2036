/// What the disk of a run's legs lies on.
public struct StorageRecord: Codable, Sendable, Equatable {
  /// The file system's type, as the kernel names it: `ext4`, `xfs`, `tmpfs`; nil where it does not say.
  public var filesystem: String?
  /// Bytes of a logical sector of the device below; nil where there is none.
  public var sector: Int?
  /// Bytes of which offsets and lengths past the page cache must be multiples; nil where the file system has no such requests.
  public var directAlignment: Int?
  /// Whether requests past the page cache reach a device: false where the files are in memory, whatever O_DIRECT says.
  public var isDirectReal: Bool

  public init(filesystem: String?, sector: Int?, directAlignment: Int?, isDirectReal: Bool) {
    self.filesystem = filesystem
    self.sector = sector
    self.directAlignment = directAlignment
    self.isDirectReal = isDirectReal
  }
}
