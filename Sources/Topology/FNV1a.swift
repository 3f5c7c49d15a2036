/// The 64-bit Fowler-Noll-Vo hash, variant 1a: stable across runs, machines and versions. It tells files and hosts apart;
/// it is no protection against someone who wants two of them to collide.
public struct FNV1a: Sendable {
  /// The hash of everything added so far.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  /// Adds bytes.
  public mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// The hash as 16 lower-case hexadecimal digits.
  public var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
