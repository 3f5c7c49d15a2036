/// What was agreed with a virtio block device, and what it is (virtio 1.2 §5.2.4): the same for all its queues.
struct VirtioBlockDisk {
  /// Most bytes of one request, where the device sets no limit.
  private static var largestRequest: UInt32 { 4 << 20 }

  /// The features that were negotiated.
  let features: UInt64
  /// Sectors of the disk.
  let sectors: UInt64
  /// Most bytes of one request.
  let maximum: UInt32
  /// Queues that the device has.
  let queues: UInt16

  /// Agrees with a device that `begin` has reset (virtio 1.2 §3.1.1, from step 4 on).
  /// - Parameters:
  ///   - offered: what `begin` returned.
  ///   - wanted: features to take where offered, beside those always taken.
  init<Transport: VirtioTransport>(
    _ transport: Transport, offered: UInt64, wanted: UInt64
  ) throws(DeviceError) {
    features = offered & (VirtioBlockFeatures.always | wanted)
    try transport.negotiate(features)
    (sectors, maximum, queues) = Self.limits(transport, features)
    guard sectors > 0, sectors <= 1 << 53, maximum >= 512 else {
      throw transport.giveUp("the virtio disk has no sectors, or takes none in a request")
    }
  }

  /// Sectors, most bytes of a request, and queues; read again while the configuration changes under the reading (§4.2.2.2).
  private static func limits<Transport: VirtioTransport>(
    _ transport: Transport, _ features: UInt64
  ) -> (sectors: UInt64, maximum: UInt32, queues: UInt16) {
    var sectors: UInt64 = 0
    var (maximum, queues) = (largestRequest, UInt16(1))
    for _ in 0..<16 {
      let generation = transport.generation
      sectors = UInt64(transport.configuration(0)) | UInt64(transport.configuration(4)) << 32
      if features & VirtioBlockFeatures.sizeMaximum != 0 {
        maximum = min(largestRequest, transport.configuration(8) & ~511)
      }
      if features & VirtioBlockFeatures.multipleQueues != 0 {
        queues = UInt16(truncatingIfNeeded: transport.configuration(32) >> 16)
      }
      if transport.generation == generation { break }
    }
    return (sectors, maximum, queues)
  }
}
