/// A stretch of a disk, and which image of its chain has it, under the names that `qemu-img map --output json` uses.
public struct DiskExtent: Encodable, Sendable, Equatable {
  /// Bytes.
  public var start: UInt64
  public var length: UInt64
  /// 0 for the image itself, 1 for its parent, and so on.
  public var depth: Int
  /// Whether an image of the chain says anything of it.
  public var present: Bool
  /// Whether it reads as zeros for certain.
  public var zero: Bool
  /// Whether it takes space.
  public var data: Bool
  public var compressed: Bool
  /// Offset in the file; nil where it is compressed or nowhere.
  public var offset: UInt64?
  /// The file; nil where it is nowhere.
  public var filename: String?

  /// Whether another one, right behind, is of the same kind.
  func continues(in next: DiskExtent) -> Bool {
    depth == next.depth && present == next.present && zero == next.zero && data == next.data
      && compressed == next.compressed
      && filename == next.filename && start + length == next.start
      && (offset == nil ? next.offset == nil : next.offset == offset! + length)
  }
}

extension VirtualDisk {
  /// What a range begins with.
  func extent(at offset: UInt64, _ count: UInt64, depth: Int = 0) throws(ImageError) -> DiskExtent {
    let found = try driver.survey(offset, count)
    var extent = DiskExtent(
      start: offset, length: found.count, depth: depth, present: true, zero: false, data: false, compressed: false)
    switch found.kind {
    case .data:
      (extent.data, extent.offset, extent.filename) = (true, found.position, driver.files[found.file].path)
    case .compressed:
      (extent.data, extent.compressed, extent.filename) = (true, true, driver.files[found.file].path)
    case .zero: extent.zero = true
    case .absent:
      if let parent, offset < parent.size {
        return try parent.extent(at: offset, min(found.count, parent.size - offset), depth: depth + 1)
      }
      (extent.zero, extent.present) = (true, parent != nil)
    }
    return extent
  }

  /// The whole disk, stretch after stretch, neighbours of one kind together.
  public func map(_ body: (DiskExtent) throws(ImageError) -> Void) throws(ImageError) {
    var last: DiskExtent?
    var offset: UInt64 = 0
    while offset < size {
      let next = try extent(at: offset, size - offset)
      offset += next.length
      if let one = last, one.continues(in: next) {
        last!.length += next.length
      } else {
        if let one = last { try body(one) }
        last = next
      }
    }
    if let last { try body(last) }
  }
}
