/// Where a range of a disk lies.
struct Extent: Equatable {
  enum Kind {
    /// In a file of the image, as it is.
    case data
    /// Nowhere: it reads as zeros.
    case zero
    /// Not in this image: in its parent, or zeros where there is none.
    case absent
    /// In a file of the image, compressed; only whole blocks can be had.
    case compressed
  }

  var kind: Kind
  /// Bytes of the disk that this is true of, from the offset that was asked for.
  var count: UInt64
  /// Number of the file among the driver's.
  var file = 0
  /// Offset in the file: of the first byte, or of the compressed block.
  var position: UInt64 = 0
  /// Whether something else, a snapshot in the image, has the same bytes: they are read here, and written elsewhere.
  var isShared = false
}

/// A new place for a range that had none.
struct Placement {
  var file: Int
  /// Offset in the file of the first byte of `block`.
  var position: UInt64
  /// What has to be there before the place is used: a range of the disk that holds the one asked for.
  var block: Range<UInt64>
  /// Whether the rest of the block has to be written as well. Not where the place reads as the disk did before.
  var needsRest: Bool
}
