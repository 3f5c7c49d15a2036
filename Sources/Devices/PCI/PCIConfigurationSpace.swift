/// The 256 bytes of a function's configuration space and, for each bit, whether the guest can write it (PCI 3.0 §6.1).
/// Any offset, width and value is safe: what lies past the end reads as ones and ignores writes.
public struct PCIConfigurationSpace {
  /// Bytes of the space.
  public static let size = 256

  private var bytes = [UInt8](repeating: 0, count: size)
  private var writable = [UInt8](repeating: 0, count: size)
  private var clearedByOnes = [UInt8](repeating: 0, count: size)

  public init() {}

  /// Puts a register in place, little-endian.
  /// - Parameters:
  ///   - value: what it holds until it is written.
  ///   - offset: of its first byte; all of it lies inside the space.
  ///   - mask: bits that the guest can change.
  ///   - ones: bits that the guest clears by writing ones to them.
  public mutating func define<T: FixedWidthInteger>(
    _ value: T, at offset: Int, writable mask: T = 0, clearedByOnes ones: T = 0
  ) {
    precondition(offset >= 0 && offset + T.bitWidth / 8 <= Self.size, "a register lies inside the configuration space")
    for index in 0..<T.bitWidth / 8 {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> T(index * 8))
      writable[offset + index] = UInt8(truncatingIfNeeded: mask >> T(index * 8))
      clearedByOnes[offset + index] = UInt8(truncatingIfNeeded: ones >> T(index * 8))
    }
  }

  /// Changes bytes from the device's side, whatever the guest may write.
  public mutating func set(_ value: UInt8, at offset: Int) {
    bytes[offset] = value
  }

  /// What the guest reads. A quad counts as a long: the mechanism moves at most 32 bits.
  public func read(_ offset: Int, width: AccessWidth) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<min(Int(width.rawValue), 4) {
      let at = offset + index
      let byte = bytes.indices.contains(at) ? bytes[at] : 0xff
      value |= UInt32(byte) << UInt32(index * 8)
    }
    return value
  }

  /// What the guest writes: each byte changes only its writable bits.
  public mutating func write(_ offset: Int, width: AccessWidth, value: UInt32) {
    for index in 0..<min(Int(width.rawValue), 4) where bytes.indices.contains(offset + index) {
      let at = offset + index
      let byte = UInt8(truncatingIfNeeded: value >> UInt32(index * 8))
      bytes[at] = (bytes[at] & ~writable[at] | byte & writable[at]) & ~(byte & clearedByOnes[at])
    }
  }
}
