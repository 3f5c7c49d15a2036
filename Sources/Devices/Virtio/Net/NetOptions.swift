import Frames

/// What a virtio-net device offers its driver, apart from what its link can do.
public struct NetOptions: Hashable, Sendable {
  public var address: EthernetAddress
  /// Pairs of a receive and a transmit queue, 1 to 8. With several of them every received frame is copied once more, as it has
  /// to be looked at before its queue is known.
  public var pairs: Int
  /// Largest size of each queue: a power of two, 2 to 1024.
  public var queueSize: UInt16
  /// Offer packed rings.
  public var offersPackedRing: Bool
  /// Offer event indices.
  public var offersEventIndex: Bool
  /// Offer indirect descriptors.
  public var offersIndirectDescriptors: Bool
  /// Offer to spread a frame over several receive buffers.
  public var offersMergeableBuffers: Bool
  /// Offer the checksums and segments that the link takes over.
  public var offersOffloads: Bool

  /// A locally administered address, a pair of queues of 256 elements, and everything offered, unless given.
  public init(
    address: EthernetAddress = EthernetAddress([0x02, 0x4e, 0x4d, 0, 0, 1]), pairs: Int = 1, queueSize: UInt16 = 256,
    offersPackedRing: Bool = true, offersEventIndex: Bool = true, offersIndirectDescriptors: Bool = true,
    offersMergeableBuffers: Bool = true, offersOffloads: Bool = true
  ) {
    precondition(1...8 ~= pairs, "a device has 1 to 8 pairs of queues")
    precondition(2...1024 ~= queueSize && queueSize & (queueSize - 1) == 0, "a queue has 2 to 1024 elements")
    self.address = address
    self.pairs = pairs
    self.queueSize = queueSize
    self.offersPackedRing = offersPackedRing
    self.offersEventIndex = offersEventIndex
    self.offersIndirectDescriptors = offersIndirectDescriptors
    self.offersMergeableBuffers = offersMergeableBuffers
    self.offersOffloads = offersOffloads
  }

  func features(over link: any FrameLink) -> VirtioFeatures {
    var features: VirtioFeatures = [
      .version1, .netMTU, .netAddress, .netStatus, .netControl, .netControlReceive, .netControlReceiveExtra,
      .netControlAddress,
    ]
    if pairs > 1 { features.insert(.netMultipleQueues) }
    if offersPackedRing { features.insert(.packedRing) }
    if offersEventIndex { features.insert(.eventIndex) }
    if offersIndirectDescriptors { features.insert(.indirectDescriptors) }
    if offersMergeableBuffers { features.insert(.netMergeableBuffers) }
    if offersOffloads {
      if link.transmitFeatures.contains(.checksum) { features.insert(.netChecksum) }
      if link.transmitFeatures.contains([.checksum, .tcp4]) { features.insert(.netHostTCP4) }
      if link.receiveFeatures.contains(.checksum) { features.insert(.netGuestChecksum) }
      if link.receiveFeatures.contains([.checksum, .tcp4]) { features.insert(.netGuestTCP4) }
    }
    return features
  }
}
