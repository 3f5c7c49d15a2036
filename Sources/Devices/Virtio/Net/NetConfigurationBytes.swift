import Frames

/// The bytes of virtio-net's configuration structure (virtio 1.2 §5.1.4). The driver cannot write any of them.
struct NetConfigurationBytes: Sendable {
  private static let linkUp: UInt16 = 1

  let bytes: [UInt8]

  init(_ options: NetOptions, mtu: UInt16) {
    let words = [Self.linkUp, UInt16(options.pairs), mtu]
    bytes =
      options.address.bytes + words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// Zero past the end.
  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<UInt64(width.rawValue) where offset < 4096 && offset + index < UInt64(bytes.count) {
      value |= UInt64(bytes[Int(offset + index)]) << (index * 8)
    }
    return value
  }
}
