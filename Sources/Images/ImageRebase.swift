/// Another parent for an image.
public enum ImageRebase {
  private static let step: UInt64 = 64 << 10

  /// Names another parent, or none, with the image's content as it was: what the parents do not have in common becomes the image's
  /// own first.
  /// - Parameters:
  ///   - path: the image.
  ///   - name: the new parent as it is to be written down; empty for none.
  ///   - format: of the new parent; nil has its own bytes say it.
  ///   - open: how the image is opened, save for reading only and its parents, which this decides.
  ///   - isUnsafe: whether nothing is compared or copied (`-u`): the caller knows that the new parent holds the same.
  ///   - task: told how far it is, and asked whether it should go on.
  public static func rebase(
    _ path: String, onto name: String, format: ImageFormat?, _ open: OpenOptions, isUnsafe: Bool,
    _ task: ImageTask = ImageTask()
  ) throws(ImageError) {
    var options = open
    options.readOnly = false
    options.opensParents = !isUnsafe
    let disk = try VirtualDisk.open(path, options)
    guard !name.isEmpty || disk.format != .vpc else {
      throw ImageError(.refused, path, "a differencing VHD has a parent, always; image convert makes one without")
    }
    var new: VirtualDisk?
    var reference: ParentReference?
    if !name.isEmpty {
      var options = try ImageOptions(disk.format, path: path)
      options.parentFormat = format
      let opened = try ImageCreation.parent(name, options, of: path, anywhere: open.allowsParentsAnywhere)
      guard !opened.contains(disk) else { throw ImageError(.refused, path, "it would be its own parent") }
      reference = try ImageCreation.reference(opened, name, options)
      new = opened
    }
    if !isUnsafe { try copyDifferences(disk, to: new, task) }
    try disk.prepareToWrite()
    try disk.flush()
    try disk.driver.setParent(reference)
    try disk.close()
    task.report(disk.size, disk.size)
  }

  private static func copyDifferences(_ disk: VirtualDisk, to new: VirtualDisk?, _ task: ImageTask) throws(ImageError) {
    var (old, other) = ([UInt8](repeating: 0, count: Int(step)), [UInt8](repeating: 0, count: Int(step)))
    var offset: UInt64 = 0
    while offset < disk.size {
      try task.step(offset, of: disk.size, disk.path)
      let own = try disk.driver.find(offset, min(step, disk.size - offset))
      if own.kind == .absent {
        let count = Int(own.count)
        try disk.fill(&old, count, at: offset)
        let there = new.map { min(UInt64(count), max($0.size, offset) - offset) } ?? 0
        if there > 0 { try new!.fill(&other, Int(there), at: offset) }
        for index in Int(there)..<count { other[index] = 0 }
        if old[..<count] != other[..<count] { try disk.write(old, count, at: offset) }
      }
      offset += own.count
    }
  }
}

extension VirtualDisk {
  /// Whether another disk's image is in this one's chain.
  func contains(_ other: VirtualDisk) -> Bool {
    driver.files[0].identity == other.driver.files[0].identity || (parent?.contains(other) ?? false)
  }
}
