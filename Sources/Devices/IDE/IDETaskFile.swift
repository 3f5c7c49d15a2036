/// The registers that carry a command's parameters: two deep, so that 48-bit addresses fit by writing each twice
/// (ATA8-ACS, 48-bit address feature set).
struct IDETaskFile {
  /// A register and what it held before the last write.
  struct Pair {
    var current: UInt8 = 0
    var previous: UInt8 = 0

    mutating func push(_ value: UInt8) {
      previous = current
      current = value
    }
  }

  /// Heads and sectors a track, for cylinder addressing.
  struct Geometry: Equatable {
    var heads: UInt64 = 16
    var sectors: UInt64 = 63
  }

  var feature = Pair()
  var count = Pair()
  var low = Pair()
  var middle = Pair()
  var high = Pair()
  /// Device register: bit 4 selects device 1, bit 6 means logical block addresses.
  var device: UInt8 = 0

  /// Whether device 1, which is not there, is selected.
  var selectsAbsentDevice: Bool { device & 0x10 != 0 }

  /// Writes one of the registers 1 to 6 of the command block.
  mutating func write(_ register: Int, _ value: UInt8) {
    switch register {
    case 1: feature.push(value)
    case 2: count.push(value)
    case 3: low.push(value)
    case 4: middle.push(value)
    case 5: high.push(value)
    default: device = value | 0xa0  // bits 5 and 7 are obsolete and read as ones
    }
  }

  /// Reads one of the registers 2 to 6, what they held before with `previous`.
  func read(_ register: Int, previous: Bool) -> UInt8 {
    switch register {
    case 2: return previous ? count.previous : count.current
    case 3: return previous ? low.previous : low.current
    case 4: return previous ? middle.previous : middle.current
    case 5: return previous ? high.previous : high.current
    default: return device
    }
  }

  /// Sectors that a command asks for: zero stands for the most, 256 or 65536.
  func sectorCount(extended: Bool) -> Int {
    let value = Int(count.current) | (extended ? Int(count.previous) << 8 : 0)
    return value != 0 ? value : extended ? 65536 : 256
  }

  /// First sector that a command asks for; nil where cylinder addressing names none.
  func sector(extended: Bool, _ geometry: Geometry) -> UInt64? {
    let address = UInt64(low.current) | UInt64(middle.current) << 8 | UInt64(high.current) << 16
    if extended {
      return address | UInt64(low.previous) << 24 | UInt64(middle.previous) << 32 | UInt64(high.previous) << 40
    }
    if device & 0x40 != 0 { return address | UInt64(device & 0x0f) << 24 }
    let (sector, head, cylinder) = (UInt64(low.current), UInt64(device & 0x0f), address >> 8)
    guard sector >= 1, sector <= geometry.sectors, head < geometry.heads else { return nil }
    return (cylinder * geometry.heads + head) * geometry.sectors + sector - 1
  }

  /// Puts a sector's address into the registers: where a command failed.
  mutating func setSector(_ sector: UInt64, extended: Bool, _ geometry: Geometry) {
    func byte(_ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: sector >> shift) }
    if extended {
      (low, middle, high) = (
        Pair(current: byte(0), previous: byte(24)), Pair(current: byte(8), previous: byte(32)),
        Pair(current: byte(16), previous: byte(40))
      )
    } else if device & 0x40 != 0 {
      (low.current, middle.current, high.current) = (byte(0), byte(8), byte(16))
      device = device & 0xf0 | byte(24) & 0x0f
    } else {
      let track = sector / geometry.sectors
      let cylinder = track / geometry.heads
      low.current = UInt8(truncatingIfNeeded: sector % geometry.sectors + 1)
      (middle.current, high.current) = (UInt8(truncatingIfNeeded: cylinder), UInt8(truncatingIfNeeded: cylinder >> 8))
      device = device & 0xf0 | UInt8(truncatingIfNeeded: track % geometry.heads) & 0x0f
    }
  }

  /// What a reset leaves behind: the signature of an ATA drive (ATA8-ACS, device signatures). Device 0 becomes
  /// selected.
  mutating func setSignature() {
    self = IDETaskFile(count: Pair(current: 1), low: Pair(current: 1), device: 0xa0)
  }
}
