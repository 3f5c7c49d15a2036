/// SHA-256 (FIPS 180-4 §6.2) in plain Swift, with its tables in memory of the caller's.
/// Sound as `@safe` because all indices are below 64; whoever makes one vouches for the memory.
@safe struct SHA256 {
  /// The eight words of a digest.
  typealias Words = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

  private let constants: UnsafeMutablePointer<UInt32>
  private let schedule: UnsafeMutablePointer<UInt32>
  private let tail: UnsafeMutablePointer<UInt8>

  /// Bytes of memory that constants, message schedule and the padded last blocks take.
  static var memorySize: UInt64 { 256 + 256 + 128 }

  /// - Parameter memory: `memorySize` bytes.
  init(memory: Region) {
    unsafe constants = unsafe memory.pointer(to: UInt32.self)
    unsafe schedule = unsafe constants + 64
    unsafe tail = unsafe UnsafeMutableRawPointer(schedule + 64).assumingMemoryBound(to: UInt8.self)
    let values: InlineArray<64, UInt32> = [
      0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
      0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
      0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
      0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
      0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
      0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
      0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
      0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
    for index in 0..<64 { unsafe constants[index] = values[index] }
  }

  /// The digest of `count` bytes.
  @unsafe func digest(_ bytes: UnsafePointer<UInt8>, count: Int) -> Words {
    var state: Words = (
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19
    )
    let whole = count & ~63
    var position = 0
    while position < whole {
      unsafe compress(bytes + position, &state)
      position &+= 64
    }
    let rest = count - whole
    let padded = rest < 56 ? 64 : 128
    for index in 0..<padded { unsafe tail[index] = index < rest ? bytes[whole + index] : 0 }
    unsafe tail[rest] = 0x80
    let bits = UInt64(count) &* 8
    for index in 0..<8 { unsafe tail[padded - 1 - index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index)) }
    unsafe compress(tail, &state)
    if padded == 128 { unsafe compress(tail + 64, &state) }
    return state
  }

  /// One block of 64 bytes (§6.2.2).
  @unsafe @inline(__always)
  private func compress(_ block: UnsafePointer<UInt8>, _ state: inout Words) {
    let words = unsafe UnsafeRawPointer(block)
    for index in 0..<16 {
      unsafe schedule[index] = unsafe words.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self).byteSwapped
    }
    for index in 16..<64 {
      let (early, late) = unsafe (schedule[index &- 15], schedule[index &- 2])
      let small = rotate(early, 7) ^ rotate(early, 18) ^ (early &>> 3)
      let large = rotate(late, 17) ^ rotate(late, 19) ^ (late &>> 10)
      unsafe schedule[index] = schedule[index &- 16] &+ small &+ schedule[index &- 7] &+ large
    }
    var (a, b, c, d, e, f, g, h) = state
    for index in 0..<64 {
      let choice = (e & f) ^ (~e & g)
      let majority = (a & b) ^ (a & c) ^ (b & c)
      let upper = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let lower = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let first = unsafe h &+ lower &+ choice &+ constants[index] &+ schedule[index]
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ upper &+ majority)
    }
    state = (
      state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e, state.5 &+ f, state.6 &+ g, state.7 &+ h
    )
  }

  @inline(__always)
  private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { (word &>> count) | (word &<< (32 &- count)) }
}
