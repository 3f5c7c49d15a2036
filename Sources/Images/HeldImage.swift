import LinuxSystem
import Storage

/// An image that is kept, and locked with all of its files, while parts of this process open it anew.
public final class HeldImage: @unchecked Sendable {
  // @unchecked: after the initialiser nothing is done with the disk but to let go of it.
  private let disk: VirtualDisk
  private let options: OpenOptions
  public let format: ImageFormat
  /// Bytes of the disk.
  public let size: UInt64
  /// Whether writing it may change more than the bytes that are written.
  public let mayAllocate: Bool
  /// Files of the image besides the first, for a VMDK whose descriptor is a file of its own.
  public let extentCount: Int
  /// Whether QEMU has no driver of the kind.
  public let isUnknownToQEMU: Bool

  /// - Throws: ``ImageError``.
  public init(_ path: String, _ options: OpenOptions) throws(ImageError) {
    disk = try VirtualDisk.open(path, options)
    format = disk.format
    size = disk.size
    mayAllocate = disk.driver.blockSize > 512 || disk.parent != nil
    extentCount = disk.driver.files.count - 1
    isUnknownToQEMU = (disk.driver as? VHDDriver)?.kind == .differencing
    var options = options
    options.format = format
    options.isShared = true
    self.options = options
  }

  /// The disk in the image, for this process's engines.
  public func backing(isDirect: Bool) -> BackingSpecification {
    if format == .raw { return isDirect ? .direct(path: disk.path) : .file(path: disk.path) }
    var options = options
    options.isDirect = isDirect
    return .image(disk.path, options, readOnly: options.readOnly, keeping: self)
  }
}
