/// The header of a VHD with tables (specification 1.0, "Dynamic Disk Header Format"). Numbers are big-endian.
struct VHDHeader {
  static let cookie = Array("cxsparse".utf8)
  static let size = 1024

  /// Where the name of a parent is, in one system's way.
  struct Locator {
    var platform: UInt32
    var count: Int
    var offset: UInt64

    /// UTF-16, little-endian, relative and absolute; a URL in UTF-8.
    static let relative = code("W2ru")
    static let absolute = code("W2ku")
    static let url = code("MacX")

    private static func code(_ text: StaticString) -> UInt32 {
      text.description.utf8.reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  /// Where single fields are that are written later.
  enum Field {
    static let checksum = 36
    static let parentIdentifier = 40
    static let parentTime = 56
    static let parentName = 64
    static let locators = 576
  }

  var bytes: [UInt8]

  var tableOffset: UInt64 { bytes.big(at: 16) }
  var entries: UInt32 { bytes.big(at: 28) }
  var blockSize: UInt32 { bytes.big(at: 32) }
  var parentIdentifier: [UInt8] { Array(bytes[40..<56]) }

  /// - Returns: nil where the bytes are no header: a wrong cookie, checksum or version.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size, bytes.starts(with: Self.cookie), bytes.big(UInt32.self, at: 24) >> 16 == 1,
      VHDFooter.checksum(bytes, at: Field.checksum) == bytes.big(UInt32.self, at: Field.checksum)
    else { return nil }
    self.bytes = bytes
  }

  init(tableOffset: UInt64, entries: UInt32, blockSize: UInt32) {
    bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.store(Self.cookie, at: 0)
    bytes.store(big: UInt64.max, at: 8)
    bytes.store(big: tableOffset, at: 16)
    bytes.store(big: UInt32(0x10000), at: 24)
    bytes.store(big: entries, at: 28)
    bytes.store(big: blockSize, at: 32)
    seal()
  }

  mutating func seal() { bytes.store(big: VHDFooter.checksum(bytes, at: Field.checksum), at: Field.checksum) }

  var locators: [Locator] {
    (0..<8).map { number in
      let place = Field.locators + number * 24
      return Locator(
        platform: bytes.big(at: place), count: Int(bytes.big(UInt32.self, at: place + 8)),
        offset: bytes.big(at: place + 16))
    }
  }

  /// The parent's name without its folder, or with it, as the maker liked.
  var parentName: String {
    let units = stride(from: Field.parentName, to: Field.locators, by: 2).map { bytes.big(UInt16.self, at: $0) }
    return String(decoding: units.prefix { $0 != 0 }, as: UTF16.self)
  }

  /// Names the parent, by its name and by locators whose texts are at given offsets.
  mutating func setParent(_ name: String, identifier: [UInt8], time: UInt32, locators: [Locator]) {
    bytes.store(identifier, at: Field.parentIdentifier)
    bytes.store(big: time, at: Field.parentTime)
    bytes.store([UInt8](repeating: 0, count: 512 + 8 * 24), at: Field.parentName)
    for (index, unit) in name.utf16.prefix(255).enumerated() {
      bytes.store(big: unit, at: Field.parentName + 2 * index)
    }
    for (number, locator) in locators.enumerated() {
      let place = Field.locators + number * 24
      bytes.store(big: locator.platform, at: place)
      bytes.store(big: UInt32((locator.count + 511) / 512), at: place + 4)
      bytes.store(big: UInt32(locator.count), at: place + 8)
      bytes.store(big: locator.offset, at: place + 16)
    }
    seal()
  }
}
