/// What a virtio-blk device offers its driver.
public struct BlockOptions: Hashable, Sendable {
  /// Queues, 1 to `BlockOptions.mostQueues`.
  public var queues: Int
  /// I/O threads that serve them, 1 to as many: queue i is thread i's modulo their number.
  public var threads: Int
  /// Largest size of each queue: a power of two, 2 to 1024.
  public var queueSize: UInt16
  /// Offer packed rings.
  public var offersPackedRing: Bool
  /// Offer event indices.
  public var offersEventIndex: Bool
  /// Offer indirect descriptors.
  public var offersIndirectDescriptors: Bool

  public static let mostQueues = 64

  public init(
    queues: Int = 1, threads: Int = 1, queueSize: UInt16 = 256, offersPackedRing: Bool = true,
    offersEventIndex: Bool = true,
    offersIndirectDescriptors: Bool = true
  ) {
    precondition(1...Self.mostQueues ~= queues, "a device has 1 to 64 queues")
    precondition(1...queues ~= threads, "a device has 1 thread to as many as queues")
    precondition(2...1024 ~= queueSize && queueSize & (queueSize - 1) == 0, "a queue has 2 to 1024 elements")
    self.queues = queues
    self.threads = threads
    self.queueSize = queueSize
    self.offersPackedRing = offersPackedRing
    self.offersEventIndex = offersEventIndex
    self.offersIndirectDescriptors = offersIndirectDescriptors
  }

  func features(of disk: BlockDisk) -> VirtioFeatures {
    var features: VirtioFeatures = [.version1, .blockSegmentMaximum, .blockSize, .blockFlush, .blockTopology]
    if queues > 1 { features.insert(.blockMultipleQueues) }
    if offersPackedRing { features.insert(.packedRing) }
    if offersEventIndex { features.insert(.eventIndex) }
    if offersIndirectDescriptors { features.insert(.indirectDescriptors) }
    features.formUnion(disk.isReadOnly ? .blockReadOnly : [.blockDiscard, .blockWriteZeroes])
    return features
  }
}
