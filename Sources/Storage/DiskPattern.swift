/// What a prepared disk holds: every byte is a function of its sector, a seed and a generation, so that any wrong byte,
/// stale or misplaced, is seen.
///
/// A sector is 64 little-endian words of 64 bits. Word `i` of a sector is, in arithmetic modulo 2^64,
///
///     mix(seed + sector × 0x9E3779B97F4A7C15 + generation × 0xD1B54A32D192ED03 + i × 0x8CB92BA72F3D8DD7)
///     mix(z): z = (z ^ z >> 30) × 0xBF58476D1CE4E5B9; z = (z ^ z >> 27) × 0x94D049BB133111EB; z ^ z >> 31
///
/// Generation 0 is what preparation writes; a writer counts up. The probe's workload computes the same function.
public enum DiskPattern {
  /// Bytes of a sector, and its words.
  public static let sectorSize = 512
  public static let wordsPerSector = 64

  @usableFromInline static let sectorStep: UInt64 = 0x9E37_79B9_7F4A_7C15
  @usableFromInline static let generationStep: UInt64 = 0xD1B5_4A32_D192_ED03
  @usableFromInline static let wordStep: UInt64 = 0x8CB9_2BA7_2F3D_8DD7

  /// The bijection that spreads one word over all bits.
  @inlinable
  public static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Word `index`, 0 to 63, of a sector.
  @inlinable
  public static func word(_ index: UInt64, sector: UInt64, seed: UInt64, generation: UInt64) -> UInt64 {
    mix(seed &+ sector &* sectorStep &+ generation &* generationStep &+ index &* wordStep)
  }

  /// Writes the pattern of consecutive sectors.
  /// - Parameters:
  ///   - buffer: a whole number of sectors, at any alignment.
  ///   - firstSector: the sector of the disk that the buffer begins with.
  ///   - seed: of the disk.
  ///   - generation: 0 for what preparation writes, then one more for each time that the sectors were written.
  public static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, firstSector: UInt64, seed: UInt64, generation: UInt64 = 0
  ) {
    precondition(buffer.count % sectorSize == 0, "the pattern is of whole sectors")
    for position in 0..<(buffer.count / 8) {
      let value = word(
        UInt64(position % wordsPerSector), sector: firstSector &+ UInt64(position / wordsPerSector), seed: seed,
        generation: generation)
      unsafe buffer.storeBytes(of: value.littleEndian, toByteOffset: position * 8, as: UInt64.self)
    }
  }

  /// The first sector whose bytes are not the pattern's, or nil.
  /// - Parameters:
  ///   - buffer: a whole number of sectors, at any alignment.
  ///   - firstSector: the sector of the disk that the buffer begins with.
  ///   - seed: of the disk.
  ///   - generation: 0 for what preparation writes, then one more for each time that the sectors were written.
  public static func firstMismatch(
    in buffer: UnsafeRawBufferPointer, firstSector: UInt64, seed: UInt64, generation: UInt64 = 0
  ) -> UInt64? {
    precondition(buffer.count % sectorSize == 0, "the pattern is of whole sectors")
    for position in 0..<(buffer.count / 8) {
      let sector = firstSector &+ UInt64(position / wordsPerSector)
      let expected = word(UInt64(position % wordsPerSector), sector: sector, seed: seed, generation: generation)
      let found = unsafe UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: position * 8, as: UInt64.self))
      if found != expected { return sector }
    }
    return nil
  }
}
