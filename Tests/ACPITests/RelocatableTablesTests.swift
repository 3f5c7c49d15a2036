import ACPI
import Testing

/// What firmware makes of the tables by the addresses and checksums that it is told of.
@Suite struct RelocatableTablesTests {
  /// Adds an address to a number among bytes.
  private func add(_ base: UInt64, to bytes: inout [UInt8], at address: RelocatableTables.Address) {
    let value = TableReader.number(bytes, address.offset, address.size) + base
    for index in 0..<address.size {
      bytes[address.offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
    }
  }

  private func balance(_ bytes: inout [UInt8], _ checksum: RelocatableTables.Checksum) {
    bytes[checksum.offset] &-= bytes[checksum.range].reduce(0) { $0 &+ $1 }
  }

  @Test(arguments: [0x40, 0xe0040, 0x1fff_0000, 0xfffe_0000] as [UInt32])
  func movedTheyAreThoseOfThatPlace(base: UInt32) throws {
    let relocatable = RelocatableTables(ACPITablesTests.platform)
    var (root, tables) = (relocatable.root, relocatable.tables)

    for address in relocatable.addresses { add(UInt64(base), to: &tables, at: address) }
    for checksum in relocatable.checksums { balance(&tables, checksum) }
    for address in relocatable.rootAddresses { add(UInt64(base), to: &root, at: address) }
    for checksum in relocatable.rootChecksums { balance(&root, checksum) }

    // There the root comes first, with the tables on the next boundary.
    let placed = try ACPITables(ACPITablesTests.platform, at: base - 64, limit: 0x20000)
    #expect(tables == Array(placed.bytes[64...]))
    #expect(root == Array(placed.bytes[..<36]))
  }

  @Test func everyAddressLiesInATableThatIsBalanced() {
    let relocatable = RelocatableTables(ACPITablesTests.platform)
    #expect(relocatable.addresses.count == 7)
    for address in relocatable.addresses {
      #expect(relocatable.checksums.contains { $0.range.contains(address.offset) && $0.range.contains($0.offset) })
    }
    #expect(relocatable.checksums.allSatisfy { $0.range.upperBound <= relocatable.tables.count })
  }
}
