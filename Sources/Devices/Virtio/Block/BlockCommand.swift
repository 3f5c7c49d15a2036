/// Request types and status values (virtio 1.2 §5.2.6).
enum BlockCommand {
  static let read: UInt32 = 0
  static let write: UInt32 = 1
  static let flush: UInt32 = 4
  static let identity: UInt32 = 8
  static let discard: UInt32 = 11
  static let writeZeroes: UInt32 = 13

  static let headerSize: UInt64 = 16
  static let identitySize = 20
  /// Flags of a discard's or write-zeroes' range.
  static let unmap: UInt32 = 1
}
