/// Feature bits that the block driver knows (virtio 1.2 §5.2.3).
enum VirtioBlockFeatures {
  static var sizeMaximum: UInt64 { 1 << 1 }
  static var readOnly: UInt64 { 1 << 5 }
  static var flush: UInt64 { 1 << 9 }
  static var multipleQueues: UInt64 { 1 << 12 }

  /// Taken whenever offered: what the disk can do, and what every device may have.
  static var always: UInt64 { sizeMaximum | readOnly | flush | VirtioFeatures.always }
}
