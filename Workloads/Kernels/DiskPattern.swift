/// What every sector of a test disk holds, so that any wrong byte can be told and traced.
///
/// A sector has 64 little-endian words. The disk is prepared with generation 0: word i of sector s is `word(i, s, …)`.
/// Reads go to its first half, which stays as it was prepared; writes go to its second half. A written sector has
/// `word(i, s, seed, generation)` with the job's seed and the generation job number + 1 in its words 0, 32 and 63,
/// stamped for every write, and in between the words of sector 2^64 - 1, which a buffer gets once. That costs a write
/// three words a sector on every machine and still tells a sector that went elsewhere (0), one that was torn (32 and 63
/// against 0), one that was not written (the generation and the job's seed), and wrong bytes anywhere.
public enum DiskPattern {
  /// Bytes of a sector.
  public static var sectorSize: UInt64 { 512 }
  /// Words of a sector.
  public static var words: UInt64 { 64 }

  /// Word `index` (0…63) of a sector.
  @inline(__always)
  public static func word(_ index: UInt64, sector: UInt64, seed: UInt64, generation: UInt64) -> UInt64 {
    splitmix64(
      seed &+ sector &* 0x9e37_79b9_7f4a_7c15 &+ generation &* 0xd1b5_4a32_d192_ed03
        &+ index &* 0x8cb9_2ba7_2f3d_8dd7)
  }

  /// Word `index` of a sector that a write workload wrote.
  @inline(__always)
  public static func writtenWord(_ index: UInt64, sector: UInt64, seed: UInt64, generation: UInt64) -> UInt64 {
    let stamped = index == 0 || index == 32 || index == 63
    return word(index, sector: stamped ? sector : UInt64.max, seed: seed, generation: generation)
  }

  /// Fills a buffer with what a prepared disk holds.
  /// - Parameters:
  ///   - buffer: a multiple of 512 bytes, aligned to 8.
  ///   - firstSector: the sector that the buffer's first byte belongs to.
  ///   - seed: the disk's seed, the jobs' `diskseed`.
  public static func prepare(_ buffer: UnsafeMutableRawBufferPointer, firstSector: UInt64, seed: UInt64) {
    for position in 0..<UInt64(buffer.count) / 8 {
      let word = word(position % words, sector: firstSector &+ position / words, seed: seed, generation: 0)
      unsafe buffer.storeBytes(of: word.littleEndian, toByteOffset: Int(position) * 8, as: UInt64.self)
    }
  }
}
