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
