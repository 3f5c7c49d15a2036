/// Bytes that keep what a guest writes to them, at any width: what QEMU's pc-testdev has at ports and in memory to try instructions on
/// (hw/misc/pc-testdev.c).
public final class ScratchRegisters: BusDevice {
  private var bytes: [UInt8]

  /// - Parameter count: of the bytes.
  public init(count: Int) {
    bytes = [UInt8](repeating: 0, count: count)
  }

  /// All ones where an access leaves the bytes.
  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    (0..<UInt64(width.rawValue)).reduce(0) { value, index in
      let place = Int(clamping: offset &+ index)
      return value | UInt64(bytes.indices.contains(place) ? bytes[place] : 0xff) << (index * 8)
    }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    for index in 0..<UInt64(width.rawValue) {
      let place = Int(clamping: offset &+ index)
      if bytes.indices.contains(place) { bytes[place] = UInt8(truncatingIfNeeded: value >> (index * 8)) }
    }
  }
}
