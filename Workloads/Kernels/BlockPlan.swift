/// The sequence of requests of a block workload: request k follows from the seed and k alone, so that the host can
/// recompute the checksum of any number of them.
public struct BlockPlan: BitwiseCopyable, Sendable {
  /// What a plan asks for.
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    case reads, writes
    /// Seven reads to three writes (180 of 256 are reads).
    case mixed
  }

  /// One request.
  struct Step: BitwiseCopyable {
    var isWrite: Bool
    /// Bytes from the start of the disk.
    var offset: UInt64
    /// Sector within the request that is checked and goes into the checksum.
    var sample: UInt64
  }

  private let kind: Kind
  private let isRandom: Bool
  private let seed: UInt64
  private let start: UInt64
  private let blockSize: UInt64
  private let readBlocks: UInt64
  private let writeBase: UInt64
  private let writeBlocks: UInt64

  /// - Parameters:
  ///   - capacity: of the disk, in bytes. Reads go to the blocks of its first half, writes to those of its second.
  ///   - blockSize: bytes of a request, a multiple of 512.
  ///   - seed: of the job; a sequence of blocks in their order starts where it says. The warm-up has a sequence of its own, so that
  ///     it does not bring into any cache what the window asks for; one in order starts half the disk further.
  /// - Returns: nil when a half that is needed has no block.
  public init?(
    kind: Kind, isRandom: Bool, capacity: UInt64, blockSize: UInt64, seed: UInt64, isWarmUp: Bool = false
  ) {
    guard blockSize >= DiskPattern.sectorSize, blockSize <= 1 << 31, capacity <= 1 << 62 else { return nil }
    self.kind = kind
    self.isRandom = isRandom
    self.blockSize = blockSize
    readBlocks = capacity / 2 / blockSize
    writeBase = (capacity / 2 + blockSize - 1) / blockSize * blockSize
    writeBlocks = capacity > writeBase ? (capacity - writeBase) / blockSize : 0
    guard kind == .writes || readBlocks > 0, kind == .reads || writeBlocks > 0 else { return nil }
    self.seed = isWarmUp ? splitmix64(~seed) : seed
    let blocks = kind == .reads ? readBlocks : writeBlocks
    start = splitmix64(seed).multipliedFullWidth(by: blocks).high &+ (isWarmUp ? blocks / 2 : 0)
  }

  /// Seed of the plan of a worker that shares a job with others.
  static func seed(_ seed: UInt64, worker: UInt64) -> UInt64 { worker == 0 ? seed : splitmix64(seed &+ worker) }

  /// Request `number`, counted from 0.
  @inline(__always)
  func step(_ number: UInt64) -> Step {
    let word = splitmix64(seed &+ number &* SplitMix.step)
    let isWrite: Bool
    switch kind {
    case .reads: isWrite = false
    case .writes: isWrite = true
    case .mixed: isWrite = (word &* 0xd134_2543_de82_ef95) &>> 56 >= 180
    }
    let blocks = isWrite ? writeBlocks : readBlocks
    let block = isRandom ? word.multipliedFullWidth(by: blocks).high : BlockPlan.remainder(start &+ number, blocks)
    let sectors = blockSize &>> 9
    return Step(
      isWrite: isWrite, offset: (isWrite ? writeBase : 0) &+ block &* blockSize,
      sample: ((word & 0xffff_ffff) &* sectors) &>> 32)
  }

  @inline(__always)
  private static func remainder(_ value: UInt64, _ divisor: UInt64) -> UInt64 {
    divisor == 0 ? 0 : value % divisor
  }

  /// What the checksum of the first `operations` requests must be: the sum of word 0 of the sampled sectors.
  /// - Parameters:
  ///   - diskSeed: of the prepared disk.
  ///   - jobSeed, job: of the job, for what it wrote.
  public func checksum(operations: UInt64, diskSeed: UInt64, jobSeed: UInt64, job: UInt32) -> UInt64 {
    var sum: UInt64 = 0
    for number in 0..<operations {
      let step = step(number)
      let sector = step.offset / DiskPattern.sectorSize + step.sample
      sum &+=
        step.isWrite
        ? DiskPattern.writtenWord(0, sector: sector, seed: jobSeed, generation: UInt64(job) + 1)
        : DiskPattern.word(0, sector: sector, seed: diskSeed, generation: 0)
    }
    return sum
  }
}
