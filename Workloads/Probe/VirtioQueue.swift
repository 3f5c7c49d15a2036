/// The driver's side of a virtqueue (virtio 1.2 §2.6), in one of the two ring formats.
///
/// A request is a chain of one to three parts; its tag is its place in the driver's tables and, where the format
/// has identifiers, its identifier. Nothing here allocates or leaves the guest; the caller rings the doorbell.
protocol VirtioQueue {
  /// Whether this is the packed format: a feature, and another rule for sizes.
  static var isPacked: Bool { get }

  /// Most requests that fit the queue at a time.
  var depth: UInt16 { get }

  /// - Parameters:
  ///   - memory: of a size that the device takes.
  ///   - parts: most parts of a chain, 1 to 3.
  ///   - isIndirect: whether every chain has a table of its own and takes one descriptor of the ring.
  ///   - usesEvents: whether VIRTIO_F_EVENT_IDX was negotiated.
  init(memory: VirtioQueueMemory, parts: UInt16, isIndirect: Bool, usesEvents: Bool)

  /// Puts a chain into the ring. The device may see it at once, and does after `publish`. There is room for `depth` of
  /// them, each under a tag of its own below `depth`.
  mutating func add(_ chain: VirtioQueueChain, tag: UInt16)

  /// Shows the device all that was added. Returns whether it wants the doorbell for that.
  mutating func publish() -> Bool

  /// Whether the device has returned a chain that `next` did not take yet.
  var hasUsed: Bool { get }

  /// Takes a chain that the device has returned. What it says is not checked.
  mutating func next() -> VirtioQueueUsed?

  /// Tells the device that nobody wants its interrupts.
  mutating func suppressInterrupts()

  /// Asks for an interrupt with the next chain returned. What was returned before may have none: a full barrier and a
  /// look at `hasUsed` come before any sleep.
  mutating func requestInterrupt()
}
