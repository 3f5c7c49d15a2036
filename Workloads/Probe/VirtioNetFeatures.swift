/// Feature bits that the net driver knows (virtio 1.2 §5.1.3).
enum VirtioNetFeatures {
  static var checksum: UInt64 { 1 << 0 }
  static var guestChecksum: UInt64 { 1 << 1 }
  static var address: UInt64 { 1 << 5 }
  static var guestTCP4: UInt64 { 1 << 7 }
  static var hostTCP4: UInt64 { 1 << 11 }
  static var mergeable: UInt64 { 1 << 15 }
  static var control: UInt64 { 1 << 17 }
  static var controlReceive: UInt64 { 1 << 18 }

  /// Taken whenever offered.
  static var always: UInt64 { address | control | controlReceive | VirtioFeatures.always }
  /// Checksums and segments, both ways.
  static var offloads: UInt64 { checksum | guestChecksum | guestTCP4 | hostTCP4 }

  /// Without features that need others which are not there (§5.1.3.1).
  static func consistent(_ features: UInt64) -> UInt64 {
    var result = features
    if result & checksum == 0 { result &= ~hostTCP4 }
    if result & guestChecksum == 0 { result &= ~guestTCP4 }
    if result & control == 0 { result &= ~controlReceive }
    return result
  }
}
