import CLinux
import Glibc
import LinuxSystem

/// A disk in anonymous memory: a request is one `memcpy`. It maps no file, so nothing that happens to a file can fault it.
public struct MemoryEngine: ~Copyable, StorageEngine {
  @usableFromInline let mapping: Mapping
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
    mapping = try Mapping.anonymous(count: Int(capacity & ~511), alignment: 2 << 20)
    try? mapping.advise(MADV_HUGEPAGE)
    try? mapping.advise(MADV_DONTDUMP)
  }

  /// Gives the closure the disk's bytes, to prepare or inspect them while no request runs.
  public borrowing func withBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeMutableRawBufferPointer(start: mapping.base, count: Int(capacity)))
  }

  @inlinable
  @inline(__always)
  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    let error = request.refusal(capacity: capacity, isReadOnly: isReadOnly)
    guard error == 0 else { return StorageCompletion(token: request.token, error: error) }
    let bytes = unsafe mapping.base + Int(request.offset)
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
