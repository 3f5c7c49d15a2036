/// Feature bits, of devices and of the ring (virtio 1.2 §6, §5.2.3).
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
