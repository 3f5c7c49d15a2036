import LinuxSystem
import Storage

/// An image whose files have no names: nobody else can open it, and nothing is left of it with its last owner, however the process
/// ends. A child process that is passed its descriptors opens it like any other image.
public final class UnnamedImage: Sendable {
  private final class File: Sendable {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    var path: String { UnnamedFile.path(descriptor.rawValue) }
  }

  public let format: ImageFormat
  /// The first one is what is opened.
  private let files: [File]
  private let parent: UnnamedImage?

  /// Its files have numbers for names, those that a child process has their descriptors under: `/proc/self/fd` is their folder.
  private static let first = ChildProcess.passed

  private init(_ format: ImageFormat, _ outputs: OutputFiles, parent: UnnamedImage?) throws(ImageError) {
    var files: [File] = []
    for file in outputs.files {
      let file = File(try file.duplicate())
      do throws(SystemError) { try PageCache.lay(file.descriptor) } catch {
        throw ImageError(error, .writing, "the image")
      }
      files.append(file)
    }
    self.format = format
    self.files = files
    self.parent = parent
  }

  /// A raw image that is there.
  public init(raw file: consuming Descriptor) {
    format = .raw
    files = [File(file)]
    parent = nil
  }

  /// Makes an image with the content of a disk, durably. Blocks for as long as that takes.
  /// - Parameters:
  ///   - source: the disk that is copied.
  ///   - format: any that can be written.
  ///   - folder: where its files are made.
  ///   - options: those of `ImageOptions`; neither a parent nor an image in more than two files.
  public convenience init(
    of source: VirtualDisk, _ format: ImageFormat, _ options: [String] = [], in folder: String
  ) throws(ImageError) {
    let outputs = OutputFiles(unnamedIn: folder)
    var made = try ImageOptions(format, options, path: outputs.path)
    made.vmdk.flatName = String(Self.first + 1)
    try ImageConversion.convert(source, to: outputs, made, ImageConversion.Settings(), ImageTask())
    try self.init(format, outputs, parent: nil)
  }

  /// Makes an image that is a difference to another one, which has all of its content until it is written.
  /// - Parameters:
  ///   - parent: an image of one file without a parent.
  ///   - format: one that knows parents.
  ///   - options: those of `ImageOptions`, without a parent.
  ///   - source: a disk with the same content, which the image is to have itself; nil for an image that has nothing.
  ///   - folder: where its files are made.
  public convenience init(
    over parent: UnnamedImage, _ format: ImageFormat, _ options: [String] = [], filledWith source: VirtualDisk? = nil,
    in folder: String
  ) throws(ImageError) {
    precondition(parent.files.count == 1 && parent.parent == nil, "its name is a number that nothing else has")
    let outputs = OutputFiles(unnamedIn: folder)
    var made = try ImageOptions(format, options, path: outputs.path)
    made.parentName = String(Self.first + 1)
    made.parentFormat = parent.format
    let disk = try VirtualDisk.open(parent.path, parent.options)
    let image = try ImageCreation.make(outputs, made, size: disk.size, parent: disk)
    if let source { try ImageConversion.copy(source, to: image, ImageConversion.Settings(), ImageTask()) }
    try image.close()
    try outputs.publish(isDurable: true)
    try self.init(format, outputs, parent: parent)
  }

  /// By which this process opens it.
  public var path: String { files[0].path }

  /// What a child process is to be passed.
  public var descriptors: [Int32] { files.map { $0.descriptor.rawValue } + (parent?.descriptors ?? []) }

  private var places: [String: String] {
    let all = files + (parent?.files ?? [])
    return Dictionary(uniqueKeysWithValues: all.enumerated().map { (String(Self.first + Int32($0)), $1.path) })
  }

  private var options: OpenOptions {
    var options = OpenOptions(format: format)
    options.isShared = true
    options.places = places
    return options
  }

  /// The disk in the image.
  /// - Parameters:
  ///   - isDirect: whether transfers go past the page cache.
  ///   - isReadOnly: whether it is opened for reading only, whatever the disk wants.
  public func backing(isDirect: Bool, isReadOnly: Bool = false) -> BackingSpecification {
    var options = options
    options.isDirect = isDirect
    return .image(path, options, readOnly: isReadOnly, keeping: self)
  }
}
