/// Feature bits of every virtio device (virtio 1.2 §6).
enum VirtioFeatures {
  static var indirect: UInt64 { 1 << 28 }
  static var eventIndex: UInt64 { 1 << 29 }
  static var version1: UInt64 { 1 << 32 }
  static var accessPlatform: UInt64 { 1 << 33 }
  static var packed: UInt64 { 1 << 34 }
  static var orderPlatform: UInt64 { 1 << 36 }

  /// Taken whenever offered, as they cost nothing here, where addresses are physical and x86 orders as a platform would.
  static var always: UInt64 { version1 | accessPlatform | orderPlatform }
}
