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
    var layout = TableLayout(start: start, bytes: [UInt8](repeating: 0, count: RootPointer.size))
    layout.append(platform)
    layout.bytes.replaceSubrange(0..<RootPointer.size, with: RootPointer.bytes(to: layout))
    guard layout.bytes.count <= limit else { throw ACPITablesTooLarge(size: layout.bytes.count, limit: limit) }
    self.start = start
    bytes = layout.bytes
  }
}

/// The same tables for firmware that finds a place for them itself: addresses count from the first byte of the tables, and it is said
/// where they are.
public struct RelocatableTables: Sendable {
  /// An address in the tables, to which that of their first byte has to be added.
  public struct Address: Sendable, Hashable {
    public var offset: Int
    /// Bytes.
    public var size: Int
  }

  /// Bytes whose sum has to be zero again when addresses among them were changed.
  public struct Checksum: Sendable, Hashable {
    /// Of the byte that makes it so.
    public var offset: Int
    public var range: Range<Int>
  }

  /// The alignment of the first byte, for the FACS.
  public static let alignment: UInt32 = 64

  /// The RSDP, which points to two of the tables.
  public let root: [UInt8]
  public let rootAddresses = RootPointer.addresses
  /// In the order in which they are to be made right.
  public let rootChecksums = RootPointer.checksums
  public let tables: [UInt8]
  public let addresses: [Address]
  public let checksums: [Checksum]

  public init(_ platform: PlatformDescription) {
    var layout = TableLayout(start: 0, bytes: [])
    layout.append(platform)
    root = RootPointer.bytes(to: layout)
    tables = layout.bytes
    addresses = layout.addresses
    checksums = layout.tablesWithAddresses.map { Checksum(offset: $0.lowerBound + 9, range: $0) }
  }
}

/// The RSDP, revision 2, with a checksum over its first part and one over all (ACPI 6.4 §5.2.5.3).
enum RootPointer {
  static let size = 36
  static let addresses = [(16, 4), (24, 8)].map { RelocatableTables.Address(offset: $0.0, size: $0.1) }
  static let checksums = [(8, 20), (32, size)].map { RelocatableTables.Checksum(offset: $0.0, range: 0..<$0.1) }

  static func bytes(to tables: TableLayout) -> [UInt8] {
    var bytes = Array("RSD PTR ".utf8) + [0] + Array("NEARMT".utf8) + [2] + littleEndian(tables.narrowRoot)
    bytes += littleEndian(UInt32(size)) + littleEndian(UInt64(tables.root)) + [0, 0, 0, 0]
    for checksum in checksums { bytes[checksum.offset] = Table.complement(bytes[checksum.range]) }
    return bytes
  }
}

/// Tables behind each other, and where in them addresses of others are.
struct TableLayout {
  let start: UInt32
  var bytes: [UInt8]
  /// Address of the XSDT.
  private(set) var root: UInt32 = 0
  /// Address of the RSDT, which names the same tables for those that know no other, such as GRUB.
  private(set) var narrowRoot: UInt32 = 0
  private(set) var addresses: [RelocatableTables.Address] = []
  private(set) var tablesWithAddresses: [Range<Int>] = []

  init(start: UInt32, bytes: [UInt8]) {
    self.start = start
    self.bytes = bytes
  }

  /// Puts all tables of a machine there.
  mutating func append(_ platform: PlatformDescription) {
    let facs = append(SharedTable.bytes)
    let dsdt = append(DifferentiatedTable(platform: platform).bytes)
    let fixed = append(FixedTable(platform: platform, facs: facs, dsdt: dsdt).bytes)
    note([(36, 4), (40, 4), (140, 8)], inTableAt: fixed)  // FIRMWARE_CTRL, DSDT, X_DSDT
    let tables = [fixed, append(InterruptTable(platform: platform).bytes)]
    root = append(Table("XSDT", revision: 1, body: tables.flatMap { littleEndian(UInt64($0)) }).bytes)
    note(tables.indices.map { (Table.headerSize + $0 * 8, 8) }, inTableAt: root)
    narrowRoot = append(Table("RSDT", revision: 1, body: tables.flatMap(littleEndian)).bytes)
    note(tables.indices.map { (Table.headerSize + $0 * 4, 4) }, inTableAt: narrowRoot)
  }

  /// Puts a table behind the others, and says where.
  private mutating func append(_ table: [UInt8]) -> UInt32 {
    bytes += [UInt8](repeating: 0, count: -bytes.count & 63)
    defer { bytes += table }
    return start + UInt32(bytes.count)
  }

  /// Keeps where the last table, which is at an address, has addresses in it.
  private mutating func note(_ fields: [(offset: Int, size: Int)], inTableAt address: UInt32) {
    let first = Int(address - start)
    addresses += fields.map { .init(offset: first + $0.offset, size: $0.size) }
    tablesWithAddresses.append(first..<bytes.count)
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
