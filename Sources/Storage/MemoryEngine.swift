import CLinux
import Glibc
import LinuxSystem

/// A disk in anonymous memory: a request is one `memcpy`. It maps no file, so nothing that happens to a file can fault it.
/// Sound as `@safe` because requests are checked against the capacity, and every engine keeps the memory alive.
@safe public struct MemoryEngine: ~Copyable, StorageEngine {
  private let memory: SharedMapping
  @usableFromInline let base: UnsafeMutableRawPointer
  public let capacity: UInt64
  public let isReadOnly: Bool
  /// Always 0: memory has nothing to flush to. Flushes succeed, as on a disk without a write cache.
  public var maximumInFlight: Int { .max }

  /// Reserves memory for a disk that reads as zeros. Pages arrive as they are touched.
  /// - Parameters:
  ///   - capacity: bytes, at least a sector; rounded down to whole sectors.
  ///   - isReadOnly: whether writes are refused.
  public init(capacity: UInt64, isReadOnly: Bool = false) throws(SystemError) {
    precondition(capacity >= 512, "a disk has a sector")
    self.capacity = capacity & ~511
    self.isReadOnly = isReadOnly
    let mapping = try Mapping.anonymous(count: Int(capacity & ~511), alignment: 2 << 20)
    try? mapping.advise(MADV_HUGEPAGE)
    try? mapping.advise(MADV_DONTDUMP)
    unsafe base = mapping.base
    memory = SharedMapping(mapping)
  }

  /// A further engine on the same disk, for another thread. Requests of two that overlap have no order.
  init(beside other: borrowing MemoryEngine) {
    (capacity, isReadOnly, memory) = (other.capacity, other.isReadOnly, other.memory)
    unsafe base = other.base
  }

  /// What engines on one disk keep alive.
  private final class SharedMapping: Sendable {
    private let mapping: Mapping
    init(_ mapping: consuming Mapping) { self.mapping = mapping }
  }

  /// Gives the closure the disk's bytes, to prepare or inspect them while no request runs.
  public borrowing func withBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeMutableRawBufferPointer(start: base, count: Int(capacity)))
  }

  @inlinable
  @inline(__always)
  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    let error = request.refusal(capacity: capacity, isReadOnly: isReadOnly)
    guard error == 0 else { return StorageCompletion(token: request.token, error: error) }
    let bytes = unsafe base + Int(request.offset)
    switch request.operation {
    case .read: unsafe request.buffer.unsafelyUnwrapped.copyMemory(from: bytes, byteCount: request.count)
    case .write: unsafe bytes.copyMemory(from: request.buffer.unsafelyUnwrapped, byteCount: request.count)
    case .flush: break
    case .discard, .writeZeroes:
      unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: request.count)
    }
    return StorageCompletion(token: request.token, error: 0)
  }

  @inlinable
  public mutating func kick() {}

  @inlinable
  public mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int { 0 }

  public mutating func completionEvent() -> Int32? { nil }
}
