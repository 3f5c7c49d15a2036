/// A driver's notification as the bus sees it, for registering an eventfd in its place (virtio 1.2 §2.3).
public struct VirtioDoorbell: Hashable, Sendable {
  /// The queue that it is for.
  public let queue: Int
  /// Bytes from the start of the transport's range.
  public let offset: UInt64
  /// The width of the write; nil for any.
  public let width: AccessWidth?
  /// The value that the write must have; nil for any.
  public let value: UInt64?
  /// The eventfd to signal. It belongs to the device.
  public let event: Int32
}
