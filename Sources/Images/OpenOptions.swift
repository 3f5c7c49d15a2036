/// How an image is opened.
public struct OpenOptions: Sendable {
  /// Nil has the file's own bytes say it.
  public var format: ImageFormat?
  public var readOnly: Bool
  /// Whether parents may be anywhere; else they have to be in the image's own folder or below.
  public var allowsParentsAnywhere: Bool
  /// Whether transfers go past the page cache.
  public var isDirect: Bool
  /// Whether parents are opened at all. Without them only the image's own content can be had.
  public var opensParents: Bool
  /// Whether the nearest parent is opened for writing as well.
  public var writesParent: Bool
  /// Whether metadata that says of itself that it is not right is put right when the image is opened for writing.
  public var repairs: Bool

  public init(
    format: ImageFormat? = nil, readOnly: Bool = true, allowsParentsAnywhere: Bool = false, isDirect: Bool = false,
    opensParents: Bool = true, writesParent: Bool = false, repairs: Bool = true
  ) {
    self.format = format
    self.readOnly = readOnly
    self.allowsParentsAnywhere = allowsParentsAnywhere
    self.isDirect = isDirect
    self.opensParents = opensParents
    self.writesParent = writesParent
    self.repairs = repairs
  }
}
