import Storage

/// A request between its buffers' arrival and its status byte.
@safe struct InFlight {
  var status: UnsafeMutableRawPointer
  /// Bytes from the start of the disk, and bytes moved.
  var offset: UInt64
  var count: UInt64
  /// Transfers that have not completed.
  var pieces: UInt32
  /// The first errno among them.
  var error: Int32
  /// What to write into the used ring on success.
  var written: UInt32
  var queue: UInt16
  var id: UInt16
  var elements: UInt16
  var operation: StorageOperation
  /// Still to be flushed before it counts as done.
  var needsFlush: Bool
  var nextFree: Int32
}
