/// The functions of an executable or a shared library, by address: its symbol table, or else the one of the dynamic linker.
public struct ELFSymbols: Sendable {
  public struct Symbol: Sendable, Hashable {
    /// Virtual address in the file; a position-independent file's is from 0.
    public let address: UInt64
    public let name: String
    /// Bytes of its code; nil where nobody says, as of labels of assembly: it goes on to the next symbol then.
    public let size: UInt64?

    public init(address: UInt64, name: String, size: UInt64? = nil) {
      (self.address, self.name, self.size) = (address, name, size)
    }
  }

  /// By address, each address once.
  public let symbols: [Symbol]

  private static let headerSize: UInt64 = 64
  private static let sectionSize: UInt64 = 64
  private static let symbolSize: UInt64 = 24
  private static let mostSymbols: UInt64 = 1 << 22

  /// Reads a little-endian 64-bit ELF file's symbols; none where it has no table.
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what messages call it.
  public init(_ bytes: [UInt8], name: String) throws(ELFError) {
    let reader = ELFReader(bytes: bytes, name: name)
    guard bytes.count >= Int(Self.headerSize), bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]), bytes[4] == 2,
      bytes[5] == 1
    else { throw reader.error("a little-endian 64-bit ELF file", "another file") }
    let table = try reader.integer(40, as: UInt64.self)
    let count = UInt64(try reader.integer(60, as: UInt16.self))
    let sections = try reader.range(table, count * Self.sectionSize, "section headers")
    func section(_ index: UInt64) throws(ELFError) -> Int {
      guard index < count else { throw reader.error("a section below \(count)", "\(index)") }
      return sections.lowerBound + Int(index * Self.sectionSize)
    }
    var tables: [UInt32: Int] = [:]
    for index in 0..<count {
      let header = try section(index)
      let type = try reader.integer(header + 4, as: UInt32.self)
      if tables[type] == nil { tables[type] = header }
    }
    // SHT_SYMTAB, SHT_DYNSYM (gABI, chapter 4).
    guard let header = tables[2] ?? tables[11] else {
      symbols = []
      return
    }
    let entries = try reader.range(
      try reader.integer(header + 24, as: UInt64.self), try reader.integer(header + 32, as: UInt64.self), "symbols")
    let strings = try section(UInt64(try reader.integer(header + 40, as: UInt32.self)))
    let names = try reader.range(
      try reader.integer(strings + 24, as: UInt64.self), try reader.integer(strings + 32, as: UInt64.self), "names")
    let number = min(UInt64(entries.count) / Self.symbolSize, Self.mostSymbols)
    var found: [UInt64: Symbol] = [:]
    for index in 0..<number {
      let entry = entries.lowerBound + Int(index * Self.symbolSize)
      let (kind, place) = (bytes[entry + 4] & 15, try reader.integer(entry + 6, as: UInt16.self))
      let address = try reader.integer(entry + 8, as: UInt64.self)
      // Functions, and labels of assembly that have no type; defined somewhere.
      guard kind == 2 || kind == 0 || kind == 10, place != 0, place < 0xff00, address != 0 else { continue }
      let offset = UInt64(try reader.integer(entry, as: UInt32.self))
      guard offset < UInt64(names.count) else { throw reader.error("a name within \(names.count) bytes", "\(offset)") }
      let text = bytes[(names.lowerBound + Int(offset))..<names.upperBound].prefix { $0 != 0 }
      guard !text.isEmpty, found[address] == nil || kind == 2 else { continue }
      let size = try reader.integer(entry + 16, as: UInt64.self)
      found[address] = Symbol(
        address: address, name: String(decoding: text, as: UTF8.self), size: size == 0 ? nil : size)
    }
    symbols = found.values.sorted { $0.address < $1.address }
  }

  /// The symbol of a name; nil where there is none.
  public func address(of name: String) -> UInt64? { symbols.first { $0.name == name }?.address }

  /// The last symbol at or before an address, where the address is in it: a table of the dynamic linker's has the functions that others may
  /// call, and what lies between those is none of them.
  public func symbol(at address: UInt64) -> Symbol? {
    var (low, high) = (0, symbols.count)
    while low < high {
      let middle = (low + high) / 2
      if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let symbol = symbols[low - 1]
    return symbol.size.map { address - symbol.address < $0 } ?? true ? symbol : nil
  }

  /// Its name.
  public func name(at address: UInt64) -> String? { symbol(at: address)?.name }

  /// Symbols of other origin.
  public init(_ symbols: [Symbol]) { self.symbols = symbols.sorted { $0.address < $1.address } }
}
