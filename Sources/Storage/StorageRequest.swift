/// One request, over host memory that stays valid until its completion.
@safe public struct StorageRequest: @unchecked Sendable {
  // @unchecked: the pointer is only handed through; who submits keeps the memory alive until completion.

  public var operation: StorageOperation
  /// Which of an engine's files, where it has several; 0 everywhere else.
  @usableFromInline var file: UInt16 = 0
  /// Which block on its way to another place it is a transfer of, counted from 1; 0 for what an engine's user asked for.
  @usableFromInline var copy: UInt16 = 0
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

/// What a request asks for.
public enum StorageOperation: UInt8, Sendable {
  case read, write, flush, discard, writeZeroes
}

/// A request's end.
public struct StorageCompletion: Sendable {
  public var token: UInt64
  /// 0, or a positive errno.
  public var error: Int32
  /// As the request's.
  var copy: UInt16 = 0

  public init(token: UInt64, error: Int32) {
    self.token = token
    self.error = error
  }

  init(_ request: StorageRequest, error: Int32) {
    self.init(token: request.token, error: error)
    copy = request.copy
  }
}

/// The errnos that engines themselves give, named so that inlined code needs no C module.
public enum StorageError {
  /// EIO: the backing failed, or ended before the disk does.
  public static let inputOutput: Int32 = 5
  /// EINVAL: a range outside the disk, or not of whole sectors.
  public static let invalid: Int32 = 22
  /// EROFS: a write to a read-only disk.
  public static let readOnly: Int32 = 30
  /// ENOTSUP: the backing cannot do this.
  public static let unsupported: Int32 = 95
  /// ECANCELED: whoever asked is gone. No engine says so.
  public static let canceled: Int32 = 125
}
