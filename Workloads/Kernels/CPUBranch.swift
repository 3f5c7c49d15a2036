/// `cpu.branch`: a small interpreter whose next instruction depends on a pseudo-random sequence: an indirect jump that
/// cannot be predicted at every step, and conditions on data within. One operation is one interpreted instruction.
/// Sound as `@safe` because the program counter is masked to the program's size.
@safe struct CPUBranch: BatchWorkload {
  private let seed: UInt64
  private let program: UnsafeMutablePointer<UInt8>

  /// Bytes of the program.
  static var programSize: UInt64 { 4096 }

  /// Writes the program that belongs to the seed. `memory` has `programSize` bytes.
  init(seed: UInt64, memory: Region) {
    self.seed = seed
    unsafe program = unsafe memory.pointer(to: UInt8.self)
    var random = SplitMix(seed: seed)
    for index in 0..<Int(CPUBranch.programSize) { unsafe program[index] = UInt8(truncatingIfNeeded: random.next()) }
  }

  /// Long enough that a branch predictor cannot learn the batch by heart.
  var smallestBatch: UInt64 { 32768 }

  mutating func run(_ operations: UInt64) -> UInt64 {
    let mask = Int(CPUBranch.programSize) - 1
    var counter = 0
    var value = splitmix64(seed)
    var random = splitmix64(seed &+ 1)
    var remaining = operations
    while remaining > 0 {
      random = random &* 0x5851_f42d_4c95_7f2d &+ 0x1405_7b7e_f767_814f
      switch unsafe (program[counter] ^ UInt8(truncatingIfNeeded: random &>> 56)) & 7 {
      case 0: value = value &+ random
      case 1: value = (value &<< 13) | (value &>> 51)
      case 2: if value & 1 == 0 { value = value ^ 0x9e37_79b9_7f4a_7c15 } else { counter = counter &+ 3 }
      case 3: value = value &* 0xd134_2543_de82_ef95
      case 4: counter = counter &+ Int(truncatingIfNeeded: value & 15)
      case 5: value = value &- (random &>> 7)
      case 6: if value > random { value = ~value } else { counter = counter ^ 5 }
      default: value = value ^ (value &>> 17)
      }
      counter = (counter &+ 1) & mask
      remaining &-= 1
    }
    return fold(value, UInt64(truncatingIfNeeded: counter))
  }
}
