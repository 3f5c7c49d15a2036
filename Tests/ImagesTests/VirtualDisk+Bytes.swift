import Storage

@testable import Images

extension VirtualDisk {
  func bytes(_ count: Int, at offset: UInt64) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xee, count: count)
    try fill(&bytes, count, at: offset)
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws { try write(bytes, bytes.count, at: offset) }
}

/// A small generator whose sequence is known by its seed.
struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return DiskPattern.mix(state)
  }
}

/// Bytes of sectors, none of them all zero, that differ by sector and generation.
func pattern(sectors: Int, first: UInt64, generation: UInt64) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: sectors * 512)
  unsafe bytes.withUnsafeMutableBytes {
    unsafe DiskPattern.fill($0, firstSector: first, seed: 5, generation: generation)
  }
  return bytes
}
