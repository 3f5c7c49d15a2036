/// How a device reaches its driver. Any thread may call.
public protocol VirtioInterrupts: Sendable {
  /// Buffers were used in a queue.
  func buffersUsed(in queue: Int)
  /// The configuration or the device's status changed.
  func configurationChanged()
}
