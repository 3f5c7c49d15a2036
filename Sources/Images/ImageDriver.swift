/// One image in one format: where its bytes are, and where new ones go. A thread at a time.
///
/// The order of writes is what a crash leaves behind. A driver changes metadata in memory only; `flush` writes it, each piece
/// after whatever it refers to is durable. What was not flushed may be lost, as on a disk with a write cache; what was flushed
/// is not.
protocol ImageDriver: AnyObject {
  var format: ImageFormat { get }
  /// Bytes of the disk, a multiple of 512.
  var size: UInt64 { get }
  /// The files of the image; the first one is what was opened.
  var files: [ImageFile] { get }
  /// What the image says of its parent; nil where it has none.
  var parent: ParentReference? { get }
  /// Bytes that are allocated together, a power of two; 512 where there is no such thing.
  var blockSize: UInt64 { get }
  /// Why it cannot be written although its files can; nil where it can.
  var writeRefusal: String? { get }

  /// Where the range begins to lie; `count` is at least 1 and at most what was asked for. The range is inside the disk.
  func find(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent
  /// As `find`, but holes of a file that has no tables of its own count as zeros.
  func survey(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent
  /// Unfolds the compressed block that an extent found, of which `offset` is any byte.
  /// - Parameter block: takes the whole block.
  func unfold(_ extent: Extent, at offset: UInt64, into block: UnsafeMutableRawBufferPointer) throws(ImageError)
  /// Finds a place for the beginning of a range that is not `data`. Nothing refers to it yet.
  func place(_ offset: UInt64, _ count: UInt64, instead extent: Extent) throws(ImageError) -> Placement
  /// The place holds what it should: from now on the disk's range is there.
  func link(_ placement: Placement, _ range: Range<UInt64>) throws(ImageError)
  /// Makes the beginning of a range read as zeros without writing them.
  /// - Returns: bytes from `offset` for which that was done; 0 where it cannot be, and zeros are to be written.
  func zero(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> UInt64
  /// Called before the first change after opening, or after `settle`.
  func beginWriting() throws(ImageError)
  /// Makes all finished writes durable.
  func flush() throws(ImageError)
  /// Whether `flush` has more to do than to make the file durable.
  var hasUnwrittenMetadata: Bool { get }
  /// Whether placing and linking a new block make no system call as a rule.
  var placesInMemory: Bool { get }
  /// Flushes, and marks the image as left in order.
  func settle() throws(ImageError)
  /// Names another parent, or none. The disk's content is the caller's affair.
  func setParent(_ parent: ParentReference?) throws(ImageError)
  /// Holds all metadata against each other.
  func check(_ repair: CheckRepair) throws(ImageError) -> CheckReport
  /// What the format has to say of the image beyond what all have.
  var details: [ImageInfo.Detail] { get }
}

extension ImageDriver {
  var parent: ParentReference? { nil }
  var writeRefusal: String? { nil }
  var placesInMemory: Bool { false }
  var hasUnwrittenMetadata: Bool { false }

  func survey(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent { try find(offset, count) }

  func unfold(_ extent: Extent, at offset: UInt64, into block: UnsafeMutableRawBufferPointer) throws(ImageError) {
    throw ImageError(.malformed, files[0].path, "a compressed block in a format without")
  }

  func beginWriting() throws(ImageError) {}
  func settle() throws(ImageError) { try flush() }

  func setParent(_ parent: ParentReference?) throws(ImageError) {
    throw ImageError(.refused, files[0].path, "an image of this kind has no parent")
  }

  /// Holes of a file as zeros, the rest as it is.
  func surveyHoles(_ extent: Extent) -> Extent {
    guard extent.kind == .data, extent.count > 0 else { return extent }
    var extent = extent
    guard let data = files[extent.file].data(from: extent.position), data.lowerBound < extent.position + extent.count
    else {
      extent.kind = .zero
      return extent
    }
    if data.lowerBound > extent.position {
      // Whole sectors: a hole of a file system's block may end inside one.
      let hole = (data.lowerBound - extent.position) & ~511
      if hole > 0 {
        extent.kind = .zero
        extent.count = hole
        return extent
      }
    }
    let end = min(extent.count, (data.upperBound - extent.position).roundedUp(to: 512) ?? extent.count)
    extent.count = max(min(512, extent.count), end)
    return extent
  }
}

/// What an image says of the one that it is a difference to.
public struct ParentReference: Equatable, Sendable {
  /// As it is written down: relative to the image's folder, or absolute.
  public var name: String
  /// Nil where the image does not say.
  public var format: ImageFormat?
  /// What the parent must be called inside: a VHD's identifier, a VMDK's content identifier.
  var identity: ParentIdentity?
}

/// How an image knows its parent again.
enum ParentIdentity: Equatable, Sendable {
  case vhd([UInt8])
  case vmdk(UInt32)
}
