import Glibc
import LinuxSystem
import Storage
import SystemPackage

/// An opened image below the storage engines: what lies in one of its files in one piece, or in one of its parents', is read and
/// written there by the raw engine; the rest is done here.
public final class ImageMap: BlockMap {
  private let disk: VirtualDisk
  public let capacity: UInt64
  public let isReadOnly: Bool
  /// The image's files, then those of its parents.
  public let files: [BlockFile]

  /// Files that an engine has open besides the image's own: the data of an image in more pieces than that, or with more parents, are
  /// partly read here.
  private static let most = 64

  /// - Throws: ``ImageError``.
  public init(_ path: String, _ options: OpenOptions) throws(ImageError) {
    disk = try VirtualDisk.open(path, options)
    capacity = disk.size
    isReadOnly = options.readOnly
    var files: [BlockFile] = []
    var next: VirtualDisk? = disk
    while let image = next {
      files += image.driver.files.map { BlockFile(path: $0.path, isReadOnly: $0.isReadOnly) }
      next = image.parent
    }
    self.files = Array(files.prefix(Self.most))
  }

  public func place(_ offset: UInt64, _ count: Int, writing: Bool) -> BlockPlace? {
    let count = UInt64(count)
    do throws(ImageError) {
      let extent = try disk.driver.find(offset, count)
      guard extent.count == count else { return nil }
      if extent.kind == .data {
        if writing {
          guard !extent.isShared else { return nil }
          try disk.prepareToWrite()
        }
        var found = place(extent, disk, 0)
        found?.isWritable = !isReadOnly && !extent.isShared
        return found
      }
      if writing { return try disk.driver.placesInMemory ? allocate(offset, count, extent) : nil }
      return try extent.kind == .absent ? inherited(offset, count) : nil
    } catch { return nil }
  }

  /// - Parameter first: number of the image's first file.
  private func place(_ extent: Extent, _ image: VirtualDisk, _ first: Int) -> BlockPlace? {
    let number = first + extent.file
    guard number < files.count, extent.position + extent.count <= image.driver.files[extent.file].size else {
      return nil
    }
    return BlockPlace(file: UInt16(number), offset: extent.position)
  }

  /// Where a parent has a range that the image has not.
  private func inherited(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> BlockPlace? {
    var (image, first) = (disk, 0)
    while let parent = image.parent, offset + count <= parent.size {
      first += image.driver.files.count
      let extent = try parent.driver.find(offset, count)
      guard extent.count == count else { return nil }
      if extent.kind == .data { return place(extent, parent, first) }
      guard extent.kind == .absent else { return nil }
      image = parent
    }
    return nil
  }

  /// A new place that reads as the disk does until it is written. It is named at once: what a crash leaves there is what was there.
  private func allocate(_ offset: UInt64, _ count: UInt64, _ extent: Extent) throws(ImageError) -> BlockPlace? {
    let blockSize = disk.driver.blockSize
    // A range that goes on behind one block, or a block that has content to keep, is done in one go elsewhere.
    guard offset & (blockSize - 1) + count <= blockSize,
      extent.kind == .zero || (extent.kind == .absent && disk.parent == nil)
    else { return nil }
    try disk.prepareToWrite()
    let placement = try disk.driver.place(offset, count, instead: extent)
    guard !placement.needsRest || placement.block == offset..<(offset + count), placement.file < files.count else {
      try disk.fill(placement, offset..<(offset + count))
      return nil
    }
    try disk.driver.link(placement, offset..<(offset + count))
    return BlockPlace(
      file: UInt16(placement.file), offset: placement.position + (offset - placement.block.lowerBound))
  }

  public func copy(_ offset: UInt64, _ count: Int) -> BlockCopy? {
    let blockSize = disk.driver.blockSize
    let start = offset & ~(blockSize - 1)
    guard disk.driver.placesInMemory, offset + UInt64(count) <= start + blockSize else { return nil }
    do throws(ImageError) {
      let extent = try disk.driver.find(offset, UInt64(count))
      guard extent.kind != .data || extent.isShared, let pieces = try pieces(start, blockSize) else { return nil }
      try disk.prepareToWrite()
      let placement = try disk.driver.place(offset, UInt64(count), instead: extent)
      let target = BlockPlace(file: UInt16(placement.file), offset: placement.position)
      return BlockCopy(block: placement.block, pieces: pieces, target: target)
    } catch { return nil }
  }

  /// Where what a block holds lies now; nil where some of it is compressed, or in no file that an engine has open.
  private func pieces(_ start: UInt64, _ blockSize: UInt64) throws(ImageError) -> [BlockCopy.Piece]? {
    var pieces: [BlockCopy.Piece] = []
    var position = start
    let end = start + blockSize
    while position < end {
      guard position < capacity else {
        pieces.append(BlockCopy.Piece(count: Int(end - position), place: nil))
        break
      }
      guard let piece = try piece(position, min(end, capacity) - position) else { return nil }
      pieces.append(piece)
      position += UInt64(piece.count)
    }
    return pieces
  }

  /// What a range begins with, in the image or in one of its parents.
  private func piece(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> BlockCopy.Piece? {
    var (image, first, count) = (disk, 0, count)
    while true {
      let extent = try image.driver.find(offset, count)
      count = extent.count
      switch extent.kind {
      case .data: return place(extent, image, first).map { BlockCopy.Piece(count: Int(count), place: $0) }
      case .zero: return BlockCopy.Piece(count: Int(count), place: nil)
      case .compressed: return nil
      case .absent:
        guard let parent = image.parent, offset < parent.size else {
          return BlockCopy.Piece(count: Int(count), place: nil)
        }
        count = min(count, parent.size - offset)
        first += image.driver.files.count
        image = parent
      }
    }
  }

  public func finish(_ copy: BlockCopy) -> Int32 {
    let placement = Placement(
      file: Int(copy.target.file), position: copy.target.offset, block: copy.block, needsRest: true)
    do throws(ImageError) {
      try disk.driver.link(placement, copy.block)
      return 0
    } catch { return error.code }
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
  /// - Parameters:
  ///   - path: the image; it is opened when the disk is.
  ///   - options: how the image is opened, save for reading only, which the disk decides.
  public static func image(_ path: String, _ options: OpenOptions) -> BackingSpecification {
    image(path, options, readOnly: false, keeping: nil)
  }

  /// - Parameters:
  ///   - isReadOnly: whether it is opened for reading only, whatever the disk wants.
  ///   - owner: what the paths are good for as long as it is there.
  static func image(
    _ path: String, _ options: OpenOptions, readOnly isReadOnly: Bool, keeping owner: (any AnyObject & Sendable)?
  ) -> BackingSpecification {
    .mapped(isDirect: options.isDirect) { readOnly throws(SystemError) in
      defer { withExtendedLifetime(owner) {} }
      var options = options
      options.readOnly = readOnly || isReadOnly
      do throws(ImageError) { return try ImageMap(path, options) } catch {
        throw SystemError("open the image \(path)", error.errno ?? .invalidArgument, advice: error.reason)
      }
    }
  }
}

extension VirtualDisk {
  /// Writes into a place what is there now, and uses it.
  func fill(_ placement: Placement, _ range: Range<UInt64>) throws(ImageError) {
    let block = try unsafe readBlock(placement.block)
    try unsafe driver.files[placement.file].write(UnsafeRawBufferPointer(block), at: placement.position)
    try driver.link(placement, range)
  }
}
