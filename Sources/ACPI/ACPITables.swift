/// All tables of a machine, laid out behind each other from an address on: RSDP first, where a search on 16-byte boundaries finds it.
public struct ACPITables: Sendable {
  /// Guest-physical address of the RSDP, which is that of the first byte.
  public let start: UInt32
  public let bytes: [UInt8]

  /// - Parameters:
  ///   - platform: the machine that the tables describe.
  ///   - start: guest-physical address of the first byte, a multiple of 64.
  ///   - limit: bytes that there is room for.
  /// - Throws: ``ACPITablesTooLarge`` where the machine has more devices than fit.
  public init(_ platform: PlatformDescription, at start: UInt32, limit: Int) throws(ACPITablesTooLarge) {
    precondition(start % 64 == 0, "the FACS is aligned to 64 bytes")
    var layout = Layout(start: start, bytes: [UInt8](repeating: 0, count: Self.rootSize))
    let facs = layout.append(SharedTable.bytes)
    let dsdt = layout.append(DifferentiatedTable(platform: platform).bytes)
    let tables = [
      layout.append(FixedTable(platform: platform, facs: facs, dsdt: dsdt).bytes),
      layout.append(InterruptTable(platform: platform).bytes),
    ]
    let root = layout.append(Table("XSDT", revision: 1, body: tables.flatMap { littleEndian(UInt64($0)) }).bytes)
    layout.bytes.replaceSubrange(0..<Self.rootSize, with: Self.root(to: root))
    guard layout.bytes.count <= limit else { throw ACPITablesTooLarge(size: layout.bytes.count, limit: limit) }
    self.start = start
    bytes = layout.bytes
  }

  private static let rootSize = 36

  /// The RSDP, revision 2, with a checksum over its first part and one over all (ACPI 6.4 §5.2.5.3).
  private static func root(to table: UInt32) -> [UInt8] {
    var bytes = Array("RSD PTR ".utf8) + [0] + Array("NEARMT".utf8) + [2] + littleEndian(UInt32(0))
    bytes += littleEndian(UInt32(rootSize)) + littleEndian(UInt64(table)) + [0, 0, 0, 0]
    bytes[8] = Table.complement(bytes[..<20])
    bytes[32] = Table.complement(bytes)
    return bytes
  }

  private struct Layout {
    let start: UInt32
    var bytes: [UInt8]

    /// Puts a table behind the others, and says where.
    mutating func append(_ table: [UInt8]) -> UInt32 {
      bytes += [UInt8](repeating: 0, count: -bytes.count & 63)
      defer { bytes += table }
      return start + UInt32(bytes.count)
    }
  }
}

/// The tables of a machine do not fit into the place that it has for them.
public struct ACPITablesTooLarge: Error, CustomStringConvertible, Equatable {
  public let size: Int
  public let limit: Int

  public var description: String {
    "the machine's ACPI tables have \(size) bytes, and \(limit) fit. Give it fewer processors or devices."
  }
}
