/// Storage engines: the code that a native leg and the VMM's I/O thread share, so that both sides of a ratio pay the same
/// price for the same bytes.
///
/// What a request asks for.
public enum StorageOperation: UInt8, Sendable {
  case read, write, flush, discard, writeZeroes
}

/// One request, over host memory that stays valid until its completion.
@safe public struct StorageRequest: @unchecked Sendable {
  // @unchecked: the pointer is only handed through; who submits keeps the memory alive until completion.

  public var operation: StorageOperation
  /// Names the request in its completion; the submitter's own meaning.
  public var token: UInt64
  /// Bytes from the start of the disk, a multiple of 512.
  public var offset: UInt64
  /// Bytes, a multiple of 512; the buffer's size for reads and writes.
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
}

/// A request's end.
public struct StorageCompletion: Sendable {
  public var token: UInt64
  /// 0, or a positive errno.
  public var error: Int32

  @inlinable
  public init(token: UInt64, error: Int32) {
    self.token = token
    self.error = error
  }
}

/// A disk's backing. One thread uses an engine at a time. No call allocates.
public protocol StorageEngine: ~Copyable {
  /// Bytes of the disk, a multiple of 512, fixed at opening.
  var capacity: UInt64 { get }
  /// Writes are refused with EROFS.
  var isReadOnly: Bool { get }

  /// Takes a request. A synchronous engine returns its completion; an asynchronous one returns nil and reports it by `reap`.
  /// A range past `capacity` completes with EINVAL, never with a short transfer.
  mutating func submit(_ request: StorageRequest) -> StorageCompletion?
  /// Hands everything taken so far to the kernel. Nothing to do in a synchronous engine.
  mutating func kick()
  /// Passes finished requests to `body`, at most `limit`, and returns their number. With `wait` it blocks until there is one, if
  /// any request is in flight.
  mutating func reap(limit: Int, wait: Bool, _ body: (StorageCompletion) -> Void) -> Int
}
