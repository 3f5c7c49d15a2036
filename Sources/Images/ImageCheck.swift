/// Whether an image's metadata is right.
public enum ImageCheck {
  /// Holds all metadata of an image against each other, and sets right what it is told to. Parents are not looked at.
  /// - Throws: ``ImageError`` where the image cannot be opened at all, or its format has nothing to check.
  public static func check(_ path: String, format: ImageFormat?, repair: CheckRepair) throws(ImageError) -> CheckReport
  {
    let disk = try VirtualDisk.open(
      path,
      OpenOptions(format: format, readOnly: repair == .none, opensParents: false, repairs: false, isForRepair: true))
    return try disk.driver.check(repair)
  }
}
