import ACPI
import Testing

@Suite struct ACPITablesTests {
  static let platform = PlatformDescription(
    processors: 3, powerPorts: 0x600, pciMemory: 0xe000_0000...0xe0ff_ffff, serialPorts: [(0x3f8, 4)],
    registerPages: (0..<3).map { .init(start: 0xd001_0000 + $0 * 0x1000, size: 0x1000, interrupt: 16 + $0) },
    interruptWires: [.init(device: 2, interrupt: 19), .init(device: 31, interrupt: 20)])

  private func reader(_ platform: PlatformDescription = platform) throws -> TableReader {
    let tables = try ACPITables(platform, at: 0xe0000, limit: 0x20000)
    return TableReader(start: UInt64(tables.start), bytes: tables.bytes)
  }

  private func sum(_ bytes: some Sequence<UInt8>) -> UInt8 { bytes.reduce(0) { $0 &+ $1 } }

  @Test func theRootIsFoundAndBothItsChecksumsHold() throws {
    let reader = try reader()
    #expect(Array(reader.bytes[..<8]) == Array("RSD PTR ".utf8))
    #expect(reader.bytes[15] == 2)
    #expect(TableReader.number(reader.bytes, 20, 4) == 36)
    #expect(sum(reader.bytes[..<20]) == 0)
    #expect(sum(reader.bytes[..<36]) == 0)
  }

  @Test func bothRootTablesNameTheSameTables() throws {
    let reader = try reader()
    let (wide, narrow) = (
      try reader.table(TableReader.number(reader.bytes, 24, 8)),
      try reader.table(TableReader.number(reader.bytes, 16, 4))
    )
    #expect(TableReader.signature(narrow) == "RSDT" && sum(narrow) == 0)
    #expect(
      (0..<2).map { TableReader.number(narrow, 36 + $0 * 4, 4) }
        == (0..<2).map { TableReader.number(wide, 36 + $0 * 8, 8) })
    #expect(narrow.count == 44)
  }

  @Test(arguments: [1, 2, 255])
  func everyTableHasItsChecksum(processors: Int) throws {
    var platform = Self.platform
    platform.processors = processors
    let reader = try reader(platform)
    let listed = try reader.listed()
    #expect(Set(listed.keys) == ["FACP", "APIC"])
    let fixed = try #require(listed["FACP"])
    let described = try reader.table(TableReader.number(fixed, 40, 4))
    let root = try reader.table(TableReader.number(reader.bytes, 24, 8))
    for table in Array(listed.values) + [described, root] {
      #expect(sum(table) == 0, "\(TableReader.signature(table))")
      #expect(Int(TableReader.number(table, 4, 4)) == table.count)
    }
  }

  @Test func theFixedTableSaysWherePowerManagementIs() throws {
    let reader = try reader()
    let fixed = try #require(try reader.listed()["FACP"])
    #expect(fixed.count == 276)  // ACPI 6.4, table 5.9
    #expect(fixed[8] == 6)
    #expect(TableReader.number(fixed, 46, 2) == 9)  // SCI_INT
    #expect(TableReader.number(fixed, 48, 4) == 0)  // SMI_CMD: always ACPI
    #expect(TableReader.number(fixed, 56, 4) == 0x600)  // PM1a_EVT_BLK
    #expect(TableReader.number(fixed, 64, 4) == 0x604)  // PM1a_CNT_BLK
    #expect(TableReader.number(fixed, 76, 4) == 0x608)  // PM_TMR_BLK
    #expect(fixed[88] == 4 && fixed[89] == 2 && fixed[91] == 4)
    #expect(TableReader.number(fixed, 109, 2) & 3 == 3)  // ISA devices and an 8042
    #expect(TableReader.number(fixed, 112, 4) & 1 << 10 != 0)  // RESET_REG_SUP
    #expect(Array(fixed[116..<120]) == [1, 8, 0, 1])  // a port of eight bits
    #expect(TableReader.number(fixed, 120, 8) == 0xcf9)
    #expect(fixed[128] == 6)
    #expect(TableReader.number(fixed, 140, 8) == TableReader.number(fixed, 40, 4))  // X_DSDT
    #expect(TableReader.number(fixed, 152, 8) == 0x600)  // X_PM1a_EVT_BLK
    #expect(TableReader.number(fixed, 176, 8) == 0x604)
    #expect(TableReader.number(fixed, 212, 8) == 0x608)
  }

  @Test func theSharedTableIsAligned() throws {
    let reader = try reader()
    let address = TableReader.number(try #require(try reader.listed()["FACP"]), 36, 4)
    #expect(address % 64 == 0)
    #expect(TableReader.signature(try reader.table(address)) == "FACS")
    #expect(try reader.table(address).count == 64)
  }

  @Test(arguments: [1, 4, 255])
  func everyProcessorHasItsAPIC(count: Int) throws {
    var platform = Self.platform
    platform.processors = count
    let table = try #require(try reader(platform).listed()["APIC"])
    var entries: [[UInt8]] = []
    var offset = 44
    while offset < table.count {
      let length = Int(table[offset + 1])
      try #require(length >= 2 && offset + length <= table.count)
      entries.append(Array(table[offset..<offset + length]))
      offset += length
    }
    let processors = entries.filter { $0[0] == 0 }
    #expect(processors.map { $0[3] } == (0..<count).map(UInt8.init))
    #expect(processors.allSatisfy { $0.count == 8 && $0[4] == 1 })
    let controllers = entries.filter { $0[0] == 1 }
    #expect(controllers.map { TableReader.number($0, 4, 4) } == [0xfec0_0000])
    #expect(entries.filter { $0[0] == 2 }.map { $0[3] } == [9])
  }

  @Test func tablesThatDoNotFitAreRefused() throws {
    #expect(throws: ACPITablesTooLarge.self) { try ACPITables(Self.platform, at: 0xe0000, limit: 1024) }
  }
}
