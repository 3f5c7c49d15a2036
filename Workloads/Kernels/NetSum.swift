/// The sum over the bytes of a record after its head, in four lanes of 64 bits, from which its checksum follows. Any change
/// confined to eight bytes, and any exchange of neighbouring words, changes the checksum; others do all but certainly.
struct NetSum: BitwiseCopyable {
  private var lanes: SIMD4<UInt64>
  private var last: UInt64

  /// - Parameter count: bytes, 8 or more.
  @unsafe @inline(__always)
  init(_ bytes: UnsafeRawPointer, count: Int) {
    var sum = SIMD4<UInt64>()
    var offset = 0
    while offset &+ 32 <= count {
      sum &+= unsafe bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
      offset &+= 32
    }
    var lane = 0
    while offset &+ 8 <= count {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      switch lane {
      case 0: sum.x &+= word
      case 1: sum.y &+= word
      default: sum.z &+= word
      }
      lane &+= 1
      offset &+= 8
    }
    lanes = sum
    // What is left is shorter than a word: the last eight bytes count once more.
    last = unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self) &+ UInt64(truncatingIfNeeded: count)
  }

  /// The checksum of a record with these words in its head. Odd multipliers: no lane's change is lost.
  @inline(__always)
  func checksum(_ first: UInt64, _ number: UInt64, _ word: UInt64) -> UInt64 {
    let one = (lanes.x ^ first) &* 0x9e37_79b9_7f4a_7c15 &+ (lanes.y ^ number) &* 0xd134_2543_de82_ef95
    let two = (lanes.z ^ word) &* 0xbf58_476d_1ce4_e5b9 &+ lanes.w &* 0x94d0_49bb_1331_11eb
    return one ^ (two &<< 32 | two &>> 32) ^ last &* 0xaf25_1af3_b0f0_25b5
  }
}
