/// A disk's backing. One thread uses an engine at a time. No call allocates.
///
/// A synchronous engine does its work in `submit`. An asynchronous one takes requests, hands them to the kernel with `kick`
/// and reports them by `reap`, in any order; it may still answer a request at once from `submit`.
public protocol StorageEngine: ~Copyable {
  /// Bytes of the disk, a multiple of 512, fixed at opening.
  var capacity: UInt64 { get }
  /// Writes are refused with EROFS.
  var isReadOnly: Bool { get }
  /// Most requests that may wait for `reap` at any time; the submitter keeps to it.
  var maximumInFlight: Int { get }
  /// What the engine has done so far.
  var counts: EngineCounts { get }

  /// Takes a request. Returns its completion where it is done already, nil where `reap` will report it.
  ///
  /// A range past `capacity` completes with EINVAL, a write to a read-only disk with EROFS, what the backing cannot do with
  /// ENOTSUP, a backing shorter than its capacity with EIO; never with a short transfer. A flush covers every write whose
  /// completion was reported before.
  mutating func submit(_ request: StorageRequest) -> StorageCompletion?
  /// Hands everything taken so far to the kernel. Nothing to do in a synchronous engine.
  mutating func kick()
  /// Stores finished requests and returns their number, at most `completions.count`. With `wait` it blocks until there is
  /// one, if any request is in flight, but for about a second at most: 0 then, and who waits may look whether it still should.
  /// Without, it never blocks and makes no system call.
  mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int
  /// Nothing is in flight, and none comes for a while that is none of the disk's doing.
  mutating func rest()
  /// An eventfd that is signalled with every completion from now on, for a thread that also waits for something else. It
  /// belongs to the engine. Nil where nothing ever waits for `reap`.
  mutating func completionEvent() -> Int32?
}

/// What a storage engine has done.
public struct EngineCounts: Hashable, Sendable {
  /// Flushes that reached the backing: `fdatasync` calls that returned success.
  public var flushes: UInt64 = 0
  /// System calls that requests have taken: transfers, what handed some to the kernel, waits for their end.
  public var calls: UInt64 = 0
  /// Requests whose data was copied on its way, because the backing does not take it from where it lies.
  public var copies: UInt64 = 0

  public init() {}
}

extension StorageEngine where Self: ~Copyable {
  /// Those of an engine that asks the kernel for nothing.
  public var counts: EngineCounts { EngineCounts() }

  /// An engine that keeps no time has nothing to do.
  public mutating func rest() {}
}
