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
  /// Whether others may have it open for writing as well: who shares an image takes care that nobody allocates.
  public var isShared = false
  /// Where files are that the image names, by the last part of their names: files that have none of their own, whoever opens the image
  /// has open. They may be anywhere.
  var places: [String: String] = [:]
  /// Whether metadata that says of itself that it is not right is put right when the image is opened for writing.
  var repairs: Bool

  /// Whether an image that may not be written because it is not right is opened for writing nevertheless.
  var isForRepair: Bool

  public init(
    format: ImageFormat? = nil, readOnly: Bool = true, allowsParentsAnywhere: Bool = false, isDirect: Bool = false,
    opensParents: Bool = true, writesParent: Bool = false
  ) {
    self.init(
      format: format, readOnly: readOnly, allowsParentsAnywhere: allowsParentsAnywhere, isDirect: isDirect,
      opensParents: opensParents, writesParent: writesParent, repairs: true, isForRepair: false)
  }

  init(
    format: ImageFormat? = nil, readOnly: Bool = true, allowsParentsAnywhere: Bool = false, isDirect: Bool = false,
    opensParents: Bool = true, writesParent: Bool = false, repairs: Bool, isForRepair: Bool
  ) {
    self.format = format
    self.readOnly = readOnly
    self.allowsParentsAnywhere = allowsParentsAnywhere
    self.isDirect = isDirect
    self.opensParents = opensParents
    self.writesParent = writesParent
    self.repairs = repairs
    self.isForRepair = isForRepair
  }

  /// The file that an image means by a name.
  func resolve(_ name: String, of image: String, anywhere: Bool) throws(ImageError) -> String {
    if let path = places[ImageFolder.name(of: name)] { return path }
    return try ImageFolder.resolve(name, of: image, anywhere: anywhere)
  }
}
