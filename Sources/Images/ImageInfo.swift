/// What is to be said of an image, under the names that `qemu-img info --output json` uses.
public struct ImageInfo: Encodable, Sendable {
  /// Something that only one format has.
  public struct Detail: Sendable, Equatable {
    public let name: String
    public let value: String
    init(_ name: String, _ value: some CustomStringConvertible) {
      self.name = name
      self.value = value.description
    }
  }

  public let filename: String
  public let format: ImageFormat
  /// Bytes of the disk.
  public let virtualSize: UInt64
  /// Bytes that its files take of their file systems.
  public let actualSize: UInt64
  /// Bytes that are allocated together; nil where there is no such thing.
  public let clusterSize: UInt64?
  /// The parent as the image names it.
  public let backingFilename: String?
  public let backingFormat: ImageFormat?
  /// The image's files, the first one being itself.
  public let files: [String]
  public let details: [Detail]

  private enum CodingKeys: String, CodingKey {
    case filename, format
    case virtualSize = "virtual-size"
    case actualSize = "actual-size"
    case clusterSize = "cluster-size"
    case backingFilename = "backing-filename"
    case backingFormat = "backing-filename-format"
    case files
    case details = "format-specific"
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(filename, forKey: .filename)
    try fields.encode(format, forKey: .format)
    try fields.encode(virtualSize, forKey: .virtualSize)
    try fields.encode(actualSize, forKey: .actualSize)
    try fields.encodeIfPresent(clusterSize, forKey: .clusterSize)
    try fields.encodeIfPresent(backingFilename, forKey: .backingFilename)
    try fields.encodeIfPresent(backingFormat, forKey: .backingFormat)
    try fields.encode(files, forKey: .files)
    guard !details.isEmpty else { return }
    var more = fields.nestedContainer(keyedBy: Key.self, forKey: .details)
    for detail in details { try more.encode(detail.value, forKey: Key(stringValue: detail.name)) }
  }

  init(_ driver: any ImageDriver) {
    filename = driver.files[0].path
    format = driver.format
    virtualSize = driver.size
    actualSize = driver.files.reduce(0) { $0 + $1.allocated }
    clusterSize = driver.blockSize > 512 ? driver.blockSize : nil
    backingFilename = driver.parent?.name
    backingFormat = driver.parent?.format
    files = driver.files.map(\.path)
    details = driver.details
  }
}
