import ProbeABI

/// Memory of one request beside its data, two cache lines: the first has header and status, which change with every
/// request; the second has the indirect table, which hardly ever does and stays shared with the device.
enum VirtioBlockSlot {
  /// One request and its split ring in three lines, each written by one side alone: the header and what the driver adds, which cross to
  /// the device; the device's answer and the status, which cross back; and the descriptors, which hardly ever change.
  ///
  /// Three descriptors make a chain, and no chain may be longer than its ring, with indirect ones neither (virtio 1.2
  /// §2.7.5.3.1).
  enum Single {
    static var descriptors: UInt16 { 4 }
    static var driver: Int { 32 }
    static var device: Int { 64 }
    static var status: UInt64 { 112 }
    static var table: Int { 128 }
  }

  static var size: UInt64 { 128 }
  static var headerLength: UInt32 { 16 }
  private static var sector: Int { 8 }
  static var status: UInt64 { 16 }
  static var table: UInt64 { 64 }
  /// A status that no device gives.
  private static var unanswered: UInt8 { 0xff }

  /// Zeroes the memory of two, which a single one takes.
  static func clear(_ address: UInt64) {
    let words = UnsafeMutablePointer<UInt64>(bitPattern: UInt(address)).unsafelyUnwrapped
    for index in 0..<Int(2 * size / 8) { words[index] = 0 }
  }

  /// Writes a request's header (virtio 1.2 §5.2.6).
  /// - Parameter type: 0 reads, 1 writes, 4 flushes.
  @inline(__always)
  static func fill(_ address: UInt64, type: UInt32, sector: UInt64) {
    let header = UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
    nm_store64(header, UInt64(type))
    nm_store64(header + Self.sector, sector)
  }

  /// Takes a status back, so that one that the device does not give is seen.
  @inline(__always)
  static func withdraw(_ status: UInt64) {
    nm_store8(UnsafeMutableRawPointer(bitPattern: UInt(status)).unsafelyUnwrapped, unanswered)
  }

  /// A request's end as 0 or a negative errno.
  @inline(__always)
  static func result(_ status: UInt64) -> Int32 {
    switch nm_load8(UnsafeRawPointer(bitPattern: UInt(status))) {
    case 0: 0
    case 1: -5  // EIO
    case 2: -95  // ENOTSUP
    default: -71  // EPROTO: no status of the specification, or none at all
    }
  }
}
