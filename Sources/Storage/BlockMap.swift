/// Where a disk's bytes are in a file that holds more than them: what an image's format says. One thread uses it at a time.
public protocol BlockMap: AnyObject {
  /// Bytes of the disk, a multiple of 512.
  var capacity: UInt64 { get }
  var isReadOnly: Bool { get }

  /// The offset in the file at which a range of the disk lies in one piece, so that it can be read there, or written. Makes no system
  /// call for what was used before.
  /// - Parameter writing: whether the range is to be written: it may get a new place, which reads as the disk did until it is.
  /// - Returns: nil where that cannot be had, and the request is to be performed.
  func place(_ offset: UInt64, _ count: Int, writing: Bool) -> UInt64?
  /// Does all of a request, blocking. Returns 0 or an errno. Other requests may be in flight, but none on the same range of a discard
  /// or of write-zeroes.
  func perform(_ request: StorageRequest) -> Int32
}
