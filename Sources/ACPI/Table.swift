/// A table: the header that all have, and a body (ACPI 6.4 §5.2.6).
struct Table {
  let bytes: [UInt8]

  /// - Parameters:
  ///   - signature: four characters.
  ///   - body: what follows the 36 bytes of the header.
  init(_ signature: String, revision: UInt8, body: [UInt8]) {
    precondition(signature.utf8.count == 4, "a signature has four characters")
    var bytes = Array(signature.utf8) + littleEndian(UInt32(Self.headerSize + body.count)) + [revision, 0]
    bytes += Array("NEARMT".utf8) + Array("NEARMETL".utf8) + littleEndian(UInt32(1))
    bytes += Array("NMTL".utf8) + littleEndian(UInt32(1))
    bytes += body
    bytes[9] = Self.complement(bytes)
    self.bytes = bytes
  }

  static let headerSize = 36

  /// The byte that makes all sum to zero.
  static func complement(_ bytes: some Sequence<UInt8>) -> UInt8 { 0 &- bytes.reduce(0) { $0 &+ $1 } }
}

/// A register's place in the structure that tables have for it (ACPI 6.4 §5.2.3.2).
struct GenericAddress {
  /// System I/O.
  let port: UInt16
  /// Bytes: 1, 2 or 4.
  let size: Int

  /// No register.
  static let none = [UInt8](repeating: 0, count: 12)

  var bytes: [UInt8] {
    let access: UInt8 = size == 1 ? 1 : size == 2 ? 2 : 3
    return [1, UInt8(size * 8), 0, access] + littleEndian(UInt64(port))
  }
}
