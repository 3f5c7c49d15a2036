/// Reads tables as an operating system does: from the RSDP on, by addresses.
struct TableReader {
  let start: UInt64
  let bytes: [UInt8]

  struct Damaged: Error {}

  func slice(_ address: UInt64, _ count: Int) throws -> [UInt8] {
    guard address >= start, Int(address - start) + count <= bytes.count else { throw Damaged() }
    return Array(bytes[Int(address - start)..<Int(address - start) + count])
  }

  /// The table at an address, whole.
  func table(_ address: UInt64) throws -> [UInt8] {
    try slice(address, Int(Self.number(try slice(address, 8), 4, 4)))
  }

  /// The tables that the XSDT lists, by their signatures.
  func listed() throws -> [String: [UInt8]] {
    let root = try table(Self.number(bytes, 24, 8))
    return try Dictionary(
      uniqueKeysWithValues: stride(from: 36, to: root.count, by: 8).map { offset in
        let table = try table(Self.number(root, offset, 8))
        return (Self.signature(table), table)
      })
  }

  static func signature(_ table: [UInt8]) -> String { String(decoding: table[..<4], as: UTF8.self) }

  static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }
}
