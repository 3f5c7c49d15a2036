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
    width.read(bytes, at: offset, absent: 0xff)
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    width.split(value, at: offset, in: bytes.indices) { bytes[$0] = $1 }
  }
}
