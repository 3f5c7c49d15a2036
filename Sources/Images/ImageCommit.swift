/// What an image adds to its parent, written into the parent.
public enum ImageCommit {
  private static let step: UInt64 = 1 << 20

  /// Writes the image's own content into its parent, makes that durable, and then empties the image.
  ///
  /// Whatever ends it in between, the image still has all of its content, and reads as it did.
  /// - Parameters:
  ///   - path: the image.
  ///   - open: how it is opened, save for reading only and writing its parent, which this decides.
  ///   - keeps: whether the image keeps what it has (`-d`).
  ///   - task: told how far it is, and asked whether it should go on.
  public static func commit(
    _ path: String, _ open: OpenOptions, keeps: Bool, _ task: ImageTask = ImageTask()
  ) throws(ImageError) {
    var options = open
    options.readOnly = true
    options.writesParent = true
    let disk = try VirtualDisk.open(path, options)
    let parent = try commit(disk, task)
    if !keeps { try empty(disk, parent, allowsParentsAnywhere: open.allowsParentsAnywhere) }
    task.report(disk.size, disk.size)
  }

  /// Writes the image's own content into its parent, which is open for writing, and makes it durable there.
  static func commit(_ disk: VirtualDisk, _ task: ImageTask) throws(ImageError) -> VirtualDisk {
    guard let parent = disk.parent else { throw ImageError(.refused, disk.path, "it has no parent to commit to") }
    guard disk.size <= parent.size else {
      throw ImageError(.refused, disk.path, "it is larger than its parent (\(disk.size) and \(parent.size) bytes)")
    }
    // Whoever has the parent's identifier written down, this image first of all, still means this parent.
    (parent.driver as? VMDKDriver)?.keepsIdentifier = true
    var buffer = [UInt8](repeating: 0, count: Int(step))
    var offset: UInt64 = 0
    while offset < disk.size {
      try task.step(offset, of: disk.size, disk.path)
      let extent = try disk.driver.find(offset, min(step, disk.size - offset))
      switch extent.kind {
      case .absent: break
      case .zero: try parent.zero(offset, extent.count)
      case .data, .compressed:
        try disk.fill(&buffer, Int(extent.count), at: offset)
        try parent.write(buffer, Int(extent.count), at: offset)
      }
      offset += extent.count
    }
    try parent.close()
    return parent
  }

  /// Puts an image without content into the place of one that has the same as its parent.
  private static func empty(_ disk: VirtualDisk, _ parent: VirtualDisk, allowsParentsAnywhere: Bool) throws(ImageError)
  {
    var options = try ImageOptions(disk.format, path: disk.path)
    switch disk.driver {
    case let driver as QCOW2Driver:
      guard driver.header.snapshotCount == 0 else { return }
      options.qcow2 = QCOW2Creation.Options(
        version: driver.header.version, clusterSize: driver.blockSize,
        refcountBits: 1 << UInt64(driver.header.refcountOrder))
    case is VHDDriver: options.vhd = .differencing
    case let driver as VMDKDriver:
      guard driver.files.count == 1 else { return }
    default: return
    }
    options.parentName = disk.driver.parent?.name
    options.parentFormat = parent.format
    parent.release()
    try ImageCreation.create(
      disk.path, options, size: disk.size, replaces: true, allowsParentsAnywhere: allowsParentsAnywhere)
  }
}
