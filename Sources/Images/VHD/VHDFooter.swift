/// The footer of a VHD, 512 bytes at its end, with a copy at the beginning of those that have tables (Virtual Hard Disk Image Format
/// Specification 1.0, "Hard Disk Footer Format"). Numbers are big-endian.
struct VHDFooter: Equatable {
  static let cookie = Array("conectix".utf8)
  static let size = 512

  enum Kind: UInt32 {
    case fixed = 2
    case dynamic = 3
    case differencing = 4

    var name: String {
      switch self {
      case .fixed: "fixed"
      case .dynamic: "dynamic"
      case .differencing: "differencing"
      }
    }
  }

  /// All bytes, with those that mean nothing here.
  private(set) var bytes: [UInt8]
  let kind: Kind

  /// - Returns: nil where the bytes are no footer: a wrong cookie, checksum, version or kind.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size, bytes.starts(with: Self.cookie), bytes.big(UInt32.self, at: 12) >> 16 == 1,
      Self.checksum(bytes, at: 64) == bytes.big(UInt32.self, at: 64), let kind = Kind(rawValue: bytes.big(at: 60))
    else { return nil }
    self.bytes = bytes
    self.kind = kind
  }

  /// The footer of a new disk.
  /// - Parameters:
  ///   - time: seconds since the beginning of 2000, UTC.
  ///   - headerOffset: of the header of tables; nil for a fixed disk.
  init(_ kind: Kind, size: UInt64, identifier: [UInt8], time: UInt32, headerOffset: UInt64?) {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.store(Self.cookie, at: 0)
    bytes.store(big: UInt32(2), at: 8)
    bytes.store(big: UInt32(0x10000), at: 12)
    bytes.store(big: headerOffset ?? .max, at: 16)
    bytes.store(big: time, at: 24)
    // Programs take the size of a disk from its geometry unless its creator is known to mean the other field.
    bytes.store(Array("win ".utf8), at: 28)
    bytes.store(big: UInt32(0x6_0001), at: 32)
    bytes.store(Array("Wi2k".utf8), at: 36)
    bytes.store(big: size, at: 40)
    bytes.store(big: size, at: 48)
    let geometry = VHDGeometry(sectors: size / 512)
    bytes.store(big: UInt16(geometry.cylinders), at: 56)
    bytes[58] = UInt8(geometry.heads)
    bytes[59] = UInt8(geometry.sectors)
    bytes.store(big: kind.rawValue, at: 60)
    bytes.store(identifier, at: 68)
    bytes.store(big: Self.checksum(bytes, at: 64), at: 64)
    self.bytes = bytes
    self.kind = kind
  }

  var headerOffset: UInt64 { bytes.big(at: 16) }
  var creator: [UInt8] { Array(bytes[28..<32]) }
  var currentSize: UInt64 { bytes.big(at: 48) }
  var identifier: [UInt8] { Array(bytes[68..<84]) }
  var geometry: VHDGeometry {
    VHDGeometry(cylinders: UInt64(bytes.big(UInt16.self, at: 56)), heads: UInt64(bytes[58]), sectors: UInt64(bytes[59]))
  }

  /// Bytes of the disk as the maker means it: Virtual PC, and QEMU under the name that it first used, go by the geometry; Hyper-V
  /// and all others by the field for the size, and so does everybody where the geometry is at its end.
  var diskSize: UInt64 {
    let byGeometry = creator == Array("vpc ".utf8) || creator == Array("vs  ".utf8) || creator == Array("qemu".utf8)
    let geometry = self.geometry
    return byGeometry && geometry.total > 0 && geometry.total < VHDGeometry.most ? geometry.total * 512 : currentSize
  }

  /// The ones' complement of the sum of all bytes but those of the sum.
  static func checksum(_ bytes: [UInt8], at field: Int) -> UInt32 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() where !(field..<(field + 4)).contains(index) { sum &+= UInt32(byte) }
    return ~sum
  }
}

/// Cylinders, heads and sectors of a disk (specification, "CHS Calculation").
struct VHDGeometry: Equatable {
  var cylinders: UInt64
  var heads: UInt64
  var sectors: UInt64

  /// Sectors that a geometry can have.
  static let most: UInt64 = 65535 * 16 * 255

  var total: UInt64 { cylinders * heads * sectors }

  init(cylinders: UInt64, heads: UInt64, sectors: UInt64) {
    (self.cylinders, self.heads, self.sectors) = (cylinders, heads, sectors)
  }

  /// The geometry of a disk of so many sectors, which may have a few less.
  init(sectors wanted: UInt64) {
    let total = min(wanted, Self.most)
    if total >= 65535 * 16 * 63 {
      self.init(cylinders: total / 255 / 16, heads: 16, sectors: 255)
      return
    }
    var (sectors, perHead) = (UInt64(17), total / 17)
    var heads = max(4, (perHead + 1023) / 1024)
    if perHead >= heads * 1024 || heads > 16 { (sectors, heads, perHead) = (31, 16, total / 31) }
    if perHead >= heads * 1024 { (sectors, heads, perHead) = (63, 16, total / 63) }
    self.init(cylinders: perHead / heads, heads: heads, sectors: sectors)
  }
}
