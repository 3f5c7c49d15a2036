/// Feature bits that the block driver knows (virtio 1.2 §5.2.3, §6).
enum VirtioBlockFeatures {
  static var sizeMaximum: UInt64 { 1 << 1 }
  static var readOnly: UInt64 { 1 << 5 }
  static var flush: UInt64 { 1 << 9 }
  static var indirect: UInt64 { 1 << 28 }
  static var eventIndex: UInt64 { 1 << 29 }
  static var version1: UInt64 { 1 << 32 }
  static var accessPlatform: UInt64 { 1 << 33 }
  static var packed: UInt64 { 1 << 34 }
  static var orderPlatform: UInt64 { 1 << 36 }

  /// Taken whenever offered: what the disk can do, and what costs nothing here, where addresses are physical and x86
  /// orders as a platform would.
  static var always: UInt64 { sizeMaximum | readOnly | flush | version1 | accessPlatform | orderPlatform }
}
