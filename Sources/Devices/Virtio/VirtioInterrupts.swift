/// How a device reaches its driver. Any thread may call.
public protocol VirtioInterrupts: Sendable {
  /// Buffers were used in a queue.
  func buffersUsed(in queue: Int)
  /// An eventfd that stands for `buffersUsed`, as things are now: for a data path outside this process. nil where there is none.
  func event(for queue: Int) -> Int32?
  /// The configuration or the device's status changed.
  func configurationChanged()
}

extension VirtioInterrupts {
  public func event(for queue: Int) -> Int32? { nil }
}
