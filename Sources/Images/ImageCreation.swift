/// New images that hold nothing.
public enum ImageCreation {
  /// Makes an image, durably and as a whole.
  /// - Parameters:
  ///   - path: of the image; files of its other parts lie beside it.
  ///   - options: its format, its parent and what else the format knows; no stream-optimized VMDK.
  ///   - size: bytes, rounded up to a sector; nil takes the parent's.
  ///   - replaces: whether a file that is there may be replaced.
  ///   - anywhere: whether the parent may be outside the image's folder.
  public static func create(
    _ path: String, _ options: ImageOptions, size: UInt64?, replaces: Bool = false,
    allowsParentsAnywhere anywhere: Bool = false
  ) throws(ImageError) {
    guard !options.isStream else {
      throw ImageError(.refused, path, "a stream-optimized image is made whole, by image convert")
    }
    let outputs = try OutputFiles(path, replaces: replaces)
    let parent = try options.parentName.map { (name) throws(ImageError) in
      try Self.parent(name, options, of: path, anywhere: anywhere)
    }
    guard let size = size ?? parent?.size else { throw ImageError(.refused, path, "how large is it to be?") }
    _ = try make(outputs, options, size: size, parent: parent)
    try outputs.publish(isDurable: true)
  }

  static func parent(
    _ name: String, _ options: ImageOptions, of path: String, anywhere: Bool
  ) throws(ImageError) -> VirtualDisk {
    let target = try ImageFolder.resolve(name, of: path, anywhere: anywhere)
    return try VirtualDisk.open(target, OpenOptions(format: options.parentFormat, allowsParentsAnywhere: anywhere))
  }

  /// Makes an image under its temporary names, opened for writing.
  /// - Parameter parent: what `options` names as one.
  static func make(
    _ outputs: OutputFiles, _ options: ImageOptions, size: UInt64, parent: VirtualDisk? = nil
  ) throws(ImageError) -> VirtualDisk {
    let path = outputs.path
    try options.hold(path)
    guard let size = size.roundedUp(to: 512), size <= UInt64(Int64.max) - 511 else {
      throw ImageError(.refused, path, "a disk of \(size) bytes is too large")
    }
    let reference = try parent.map { (disk) throws(ImageError) in try Self.reference(disk, options.parentName!, options)
    }
    let file = try outputs.make(path)
    let driver: any ImageDriver
    switch options.format {
    case .raw:
      try file.truncate(to: size)
      driver = try RawDriver(file)
    case .vhdx: throw ImageError(.refused, path, "a VHDX can only be read")
    case .vpc: driver = try VHDCreation.make(file, options.vhd, size: size, parent: reference)
    case .qcow2: driver = try QCOW2Creation.make(file, options.qcow2, size: size, parent: reference)
    case .vmdk:
      var named: (name: String, identifier: UInt32)?
      if let reference, case .vmdk(let identifier) = reference.identity { named = (reference.name, identifier) }
      driver = try VMDKCreation.make(
        file, name: ImageFolder.name(of: path), options.vmdk, size: size, parent: named
      ) { name throws(ImageError) in try outputs.make(beside: name) }
    }
    return VirtualDisk(driver, parent: parent, isReadOnly: false)
  }

  /// What an image says of a parent.
  static func reference(_ parent: VirtualDisk, _ name: String, _ options: ImageOptions) throws(ImageError)
    -> ParentReference
  {
    var reference = ParentReference(name: name, format: parent.format)
    switch (options.format, parent.driver) {
    case (.vpc, let driver as VHDDriver): reference.identity = .vhd(driver.identifier)
    case (.vmdk, let driver as VMDKDriver): reference.identity = .vmdk(driver.contentIdentifier)
    case (.qcow2, _): break
    default:
      throw ImageError(
        .refused, parent.path,
        "the parent of a \(options.format.rawValue) image is one as well; this is \(parent.format.rawValue)")
    }
    return reference
  }
}
