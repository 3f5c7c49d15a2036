/// What a virtio-blk device offers its driver.
public struct BlockOptions: Hashable, Sendable {
  /// Queues, 1 to 16.
  public var queues: Int
  /// Largest size of each queue: a power of two, 2 to 1024.
  public var queueSize: UInt16
  /// Offer packed rings.
  public var offersPackedRing: Bool
  /// Offer event indices.
  public var offersEventIndex: Bool
  /// Offer indirect descriptors.
  public var offersIndirectDescriptors: Bool

  public init(
    queues: Int = 1, queueSize: UInt16 = 256, offersPackedRing: Bool = true, offersEventIndex: Bool = true,
    offersIndirectDescriptors: Bool = true
  ) {
    precondition(1...16 ~= queues, "a device has 1 to 16 queues")
    precondition(2...1024 ~= queueSize && queueSize & (queueSize - 1) == 0, "a queue has 2 to 1024 elements")
    self.queues = queues
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
