/// `cpu.sha256`: one operation is the SHA-256 digest of 8 KiB that follow from the seed and the operation's number.
/// Sound as `@safe` because it only reads and writes the buffer's 8 KiB.
@safe struct CPUSHA256: BatchWorkload {
  private let seed: UInt64
  private let function: SHA256
  private let buffer: UnsafeMutablePointer<UInt64>

  /// Bytes that one operation digests.
  static var messageSize: UInt64 { 8192 }
  /// Bytes of memory needed.
  static var memorySize: UInt64 { messageSize + SHA256.memorySize }

  /// Fills the message: word i is the i-th of the seed's SplitMix sequence. `memory` has `memorySize` bytes.
  init(seed: UInt64, memory: Region) {
    self.seed = seed
    unsafe buffer = unsafe memory.pointer(to: UInt64.self)
    function = SHA256(
      memory: Region(address: memory.address + CPUSHA256.messageSize, count: SHA256.memorySize))
    var random = SplitMix(seed: seed)
    for index in 0..<Int(CPUSHA256.messageSize / 8) { unsafe buffer[index] = random.next() }
  }

  var bytesPerOperation: UInt64 { CPUSHA256.messageSize }

  /// The first word of the message is the seed exclusive-or the operation's number, from 0, in the batch.
  mutating func run(_ operations: UInt64) -> UInt64 {
    var checksum: UInt64 = 0
    var operation: UInt64 = 0
    while operation < operations {
      unsafe buffer[0] = seed ^ operation
      let digest = unsafe function.digest(
        UnsafeRawPointer(buffer).assumingMemoryBound(to: UInt8.self), count: Int(CPUSHA256.messageSize))
      checksum = fold(
        fold(checksum, UInt64(digest.0) &<< 32 | UInt64(digest.1)), UInt64(digest.6) &<< 32 | UInt64(digest.7))
      operation &+= 1
    }
    return checksum
  }
}
