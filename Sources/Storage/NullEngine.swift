/// A disk that completes everything at once and moves nothing: what using it costs is the harness's own overhead.
public struct NullEngine: ~Copyable, StorageEngine {
  public let capacity: UInt64
  public let isReadOnly: Bool
  /// As many as anybody likes: a request ends at once.
  public var maximumInFlight: Int { .max }

  /// - Parameters:
  ///   - capacity: bytes; rounded down to whole sectors.
  ///   - isReadOnly: whether writes are refused.
  public init(capacity: UInt64, isReadOnly: Bool = false) {
    self.capacity = capacity & ~511
    self.isReadOnly = isReadOnly
  }

  @inlinable
  @inline(__always)
  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    let error = request.refusal(capacity: capacity, isReadOnly: isReadOnly)
    return StorageCompletion(token: request.token, error: error)
  }

  @inlinable
  public mutating func kick() {}

  @inlinable
  public mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int { 0 }

  public mutating func completionEvent() -> Int32? { nil }
}
