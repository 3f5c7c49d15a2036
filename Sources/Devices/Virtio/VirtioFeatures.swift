/// Feature bits, of devices and of the ring (virtio 1.2 §6, §5.1.3, §5.2.3).
public struct VirtioFeatures: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// A driver may use a descriptor that names a table of descriptors (§2.7.5.3).
  public static let indirectDescriptors = VirtioFeatures(rawValue: 1 << 28)
  /// Notifications are suppressed by event indices (§2.7.7, §2.7.10).
  public static let eventIndex = VirtioFeatures(rawValue: 1 << 29)
  /// The device follows virtio 1.0 or later. Always offered, and always required.
  public static let version1 = VirtioFeatures(rawValue: 1 << 32)
  /// The ring is packed (§2.8).
  public static let packedRing = VirtioFeatures(rawValue: 1 << 34)

  /// virtio-net: the device finishes checksums, and the driver takes frames whose checksum is not finished (§5.1.3).
  public static let netChecksum = VirtioFeatures(rawValue: 1 << 0)
  public static let netGuestChecksum = VirtioFeatures(rawValue: 1 << 1)
  /// virtio-net: `mtu` is valid.
  public static let netMTU = VirtioFeatures(rawValue: 1 << 3)
  /// virtio-net: `mac` is valid.
  public static let netAddress = VirtioFeatures(rawValue: 1 << 5)
  /// virtio-net: the driver takes TCP segments over IPv4 whole, and the device cuts them.
  public static let netGuestTCP4 = VirtioFeatures(rawValue: 1 << 7)
  public static let netHostTCP4 = VirtioFeatures(rawValue: 1 << 11)
  /// virtio-net: a received frame may take up several buffers.
  public static let netMergeableBuffers = VirtioFeatures(rawValue: 1 << 15)
  /// virtio-net: `status` is valid.
  public static let netStatus = VirtioFeatures(rawValue: 1 << 16)
  /// virtio-net: there is a control queue, with commands for what is received, the rarer of these, the number of queue pairs in
  /// use, and the address.
  public static let netControl = VirtioFeatures(rawValue: 1 << 17)
  public static let netControlReceive = VirtioFeatures(rawValue: 1 << 18)
  public static let netControlReceiveExtra = VirtioFeatures(rawValue: 1 << 20)
  public static let netMultipleQueues = VirtioFeatures(rawValue: 1 << 22)
  public static let netControlAddress = VirtioFeatures(rawValue: 1 << 23)

  /// virtio-blk: `seg_max` is valid.
  public static let blockSegmentMaximum = VirtioFeatures(rawValue: 1 << 2)
  /// virtio-blk: the disk is read-only.
  public static let blockReadOnly = VirtioFeatures(rawValue: 1 << 5)
  /// virtio-blk: `blk_size` is valid.
  public static let blockSize = VirtioFeatures(rawValue: 1 << 6)
  /// virtio-blk: the flush command exists.
  public static let blockFlush = VirtioFeatures(rawValue: 1 << 9)
  /// virtio-blk: `topology` is valid.
  public static let blockTopology = VirtioFeatures(rawValue: 1 << 10)
  /// virtio-blk: there are `num_queues` queues.
  public static let blockMultipleQueues = VirtioFeatures(rawValue: 1 << 12)
  /// virtio-blk: the discard command exists.
  public static let blockDiscard = VirtioFeatures(rawValue: 1 << 13)
  /// virtio-blk: the write-zeroes command exists.
  public static let blockWriteZeroes = VirtioFeatures(rawValue: 1 << 14)
}
