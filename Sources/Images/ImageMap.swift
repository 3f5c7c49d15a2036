import Glibc
import LinuxSystem
import Storage
import SystemPackage

/// An opened image below the storage engines: what lies in the image's main file in one piece is read and written there by the raw
/// engine; the rest is done here.
public final class ImageMap: BlockMap {
  private let disk: VirtualDisk
  /// Number of the file that the engine below has open.
  private let file: Int
  public let capacity: UInt64
  public let isReadOnly: Bool

  /// - Throws: ``ImageError``.
  public init(_ path: String, _ options: OpenOptions) throws(ImageError) {
    disk = try VirtualDisk.open(path, options)
    file = disk.mainFile
    capacity = disk.size
    isReadOnly = options.readOnly
  }

  /// The path of the file that offsets are in.
  public var filePath: String { disk.driver.files[file].path }

  public func place(_ offset: UInt64, _ count: Int, writing: Bool) -> UInt64? {
    let count = UInt64(count)
    do throws(ImageError) {
      let extent = try disk.driver.find(offset, count)
      if extent.kind == .data, extent.count == count {
        guard extent.file == file, extent.position + count <= disk.driver.files[file].size else { return nil }
        if !writing { return extent.position }
        guard !extent.isShared else { return nil }
        try disk.prepareToWrite()
        return extent.position
      }
      guard writing, disk.driver.placesInMemory, extent.kind != .data, extent.count == count else { return nil }
      return try allocate(offset, count, extent)
    } catch { return nil }
  }

  /// A new place that reads as the disk does until it is written. It is named at once: what a crash leaves there is what was there.
  private func allocate(_ offset: UInt64, _ count: UInt64, _ extent: Extent) throws(ImageError) -> UInt64? {
    let blockSize = disk.driver.blockSize
    // A range that goes on behind one block, or a block that has content to keep, is done in one go elsewhere.
    guard offset & (blockSize - 1) + count <= blockSize,
      extent.kind == .zero || (extent.kind == .absent && disk.parent == nil)
    else { return nil }
    try disk.prepareToWrite()
    let placement = try disk.driver.place(offset, count, instead: extent)
    guard !placement.needsRest || placement.block == offset..<(offset + count), placement.file == file else {
      try disk.fill(placement, offset..<(offset + count))
      return nil
    }
    try disk.driver.link(placement, offset..<(offset + count))
    return placement.position + (offset - placement.block.lowerBound)
  }

  public func perform(_ request: StorageRequest) -> Int32 {
    do throws(ImageError) {
      switch request.operation {
      case .read:
        try unsafe disk.read(
          UnsafeMutableRawBufferPointer(start: request.buffer, count: request.count), at: request.offset)
      case .write:
        try unsafe disk.write(UnsafeRawBufferPointer(start: request.buffer, count: request.count), at: request.offset)
      case .flush: try disk.flush()
      case .discard, .writeZeroes: try disk.zero(request.offset, UInt64(request.count))
      }
      return 0
    } catch { return error.code }
  }

  deinit {
    // What was not flushed may be lost; that the image was left in order is said where that can be.
    try? disk.close()
  }
}

extension BackingSpecification {
  /// A disk in an image of any format.
  /// - Parameter options: how the image is opened, save for reading only, which the disk decides.
  /// - Throws: ``ImageError`` where it cannot be opened at all.
  public static func image(_ path: String, _ options: OpenOptions) throws(ImageError) -> BackingSpecification {
    var probe = options
    probe.readOnly = true
    return .image(path, data: try ImageMap(path, probe).filePath, options)
  }

  /// A disk in an image of which it is known in which file its data is.
  /// - Parameter isReadOnly: whether it is opened for reading only, whatever the disk wants.
  public static func image(
    _ path: String, data: String, _ options: OpenOptions, readOnly isReadOnly: Bool = false
  ) -> BackingSpecification {
    .mapped(path: data, isDirect: options.isDirect) { readOnly throws(SystemError) in
      var options = options
      options.readOnly = readOnly || isReadOnly
      do throws(ImageError) { return try ImageMap(path, options) } catch {
        throw SystemError("open the image \(path)", error.errno ?? .invalidArgument, advice: error.reason)
      }
    }
  }
}

extension VirtualDisk {
  /// Number of the file that has most of the disk: the first extent of a VMDK whose descriptor is a file of its own, else the image.
  var mainFile: Int { driver.files.count > 1 && driver.format == .vmdk ? 1 : 0 }

  /// Writes into a place what is there now, and uses it.
  func fill(_ placement: Placement, _ range: Range<UInt64>) throws(ImageError) {
    let block = try unsafe readBlock(placement.block)
    try unsafe driver.files[placement.file].write(UnsafeRawBufferPointer(block), at: placement.position)
    try driver.link(placement, range)
  }
}
