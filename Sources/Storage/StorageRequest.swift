/// One request, over host memory that stays valid until its completion.
@safe public struct StorageRequest: @unchecked Sendable {
  // @unchecked: the pointer is only handed through; who submits keeps the memory alive until completion.

  public var operation: StorageOperation
  /// Names the request in its completion; the submitter's own meaning.
  public var token: UInt64
  /// Bytes from the start of the disk, a multiple of 512.
  public var offset: UInt64
  /// Bytes, a multiple of 512; the buffer's size for reads and writes, the range's for discard and write-zeroes.
  public var count: Int
  /// Null for a flush, a discard and write-zeroes.
  public var buffer: UnsafeMutableRawPointer?

  @inlinable
  public init(
    _ operation: StorageOperation, token: UInt64, offset: UInt64, count: Int, buffer: UnsafeMutableRawPointer?
  ) {
    self.operation = operation
    self.token = token
    self.offset = offset
    self.count = count
    unsafe self.buffer = unsafe buffer
  }

  /// Why a disk of `capacity` bytes cannot take the request, as an errno; 0 where it can.
  @inlinable
  @inline(__always)
  public func refusal(capacity: UInt64, isReadOnly: Bool) -> Int32 {
    if operation == .flush { return 0 }
    let (end, overflow) = offset.addingReportingOverflow(UInt64(truncatingIfNeeded: count))
    if overflow || end > capacity || count <= 0 || (offset | UInt64(truncatingIfNeeded: count)) & 511 != 0 {
      return StorageError.invalid
    }
    if isReadOnly && operation != .read { return StorageError.readOnly }
    if operation == .read || operation == .write, unsafe buffer == nil { return StorageError.invalid }
    return 0
  }
}
