/// Where a disk's bytes are in files that hold more than them: what an image's format says. One thread uses it at a time.
public protocol BlockMap: AnyObject {
  /// Bytes of the disk, a multiple of 512.
  var capacity: UInt64 { get }
  var isReadOnly: Bool { get }
  /// The files that places are in, at least one.
  var files: [BlockFile] { get }

  /// Where a range of the disk lies in one piece, so that it can be read there, or written. Makes no system call for what was used
  /// before.
  /// - Parameters:
  ///   - offset: of the range's first byte on the disk.
  ///   - count: bytes, at least one.
  ///   - writing: whether the range is to be written: it may get a new place, which reads as the disk did until it is.
  /// - Returns: nil where that cannot be had, and the request is to be performed.
  func place(_ offset: UInt64, _ count: Int, writing: Bool) -> BlockPlace?
  /// What it takes to give the block around a range a place of its own, where the range can then be written: for who moves the data
  /// itself, several blocks at a time.
  /// - Returns: nil where that cannot be had, and the request is to be performed.
  func copy(_ offset: UInt64, _ count: Int) -> BlockCopy?
  /// A copy is in its place: from now on the disk's block is there. Returns 0 or an errno.
  func finish(_ copy: BlockCopy) -> Int32
  /// Does all of a request, blocking. Returns 0 or an errno. Other requests may be in flight, but none on the same range of a discard
  /// or of write-zeroes.
  func perform(_ request: StorageRequest) -> Int32
}

/// A file that holds a disk, or a part of one, among other things.
public struct BlockFile: Sendable {
  public let path: String
  public let isReadOnly: Bool

  public init(path: String, isReadOnly: Bool) {
    self.path = path
    self.isReadOnly = isReadOnly
  }
}

/// Where a range of a disk is.
public struct BlockPlace: Sendable {
  /// Number of the file among the map's.
  public var file: UInt16
  /// Whether a range that was asked for to be read may be written there, too, once it is asked for so.
  public var isWritable: Bool
  /// Bytes from the file's beginning.
  public var offset: UInt64

  @inlinable
  public init(file: UInt16, offset: UInt64, isWritable: Bool = false) {
    self.file = file
    self.offset = offset
    self.isWritable = isWritable
  }
}

/// A block of a disk that moves to a place of its own.
public struct BlockCopy: Sendable {
  /// A stretch of the block as it is now.
  public struct Piece: Sendable {
    /// Bytes.
    public var count: Int
    /// Nil where it reads as zeros.
    public var place: BlockPlace?

    public init(count: Int, place: BlockPlace?) {
      self.count = count
      self.place = place
    }
  }

  /// Bytes of the disk.
  public var block: Range<UInt64>
  /// One behind the other, all of the block.
  public var pieces: [Piece]
  public var target: BlockPlace

  public init(block: Range<UInt64>, pieces: [Piece], target: BlockPlace) {
    self.block = block
    self.pieces = pieces
    self.target = target
  }
}
