/// A port for each of the interrupt controllers' inputs, by which a guest sets them itself: 0 lowers the line, any other byte raises it.
/// QEMU's pc-testdev has them (hw/misc/pc-testdev.c).
public final class InterruptLinePorts: BusDevice {
  private let lines: [any InterruptLine]

  /// - Parameter lines: by port; they stay as they are set.
  public init(_ lines: [any InterruptLine]) {
    self.lines = lines
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { width.mask }

  /// A wider access is one of bytes to as many ports, in their order.
  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    for index in 0..<UInt64(width.rawValue) {
      let port = Int(clamping: offset &+ index)
      guard lines.indices.contains(port) else { continue }
      if UInt8(truncatingIfNeeded: value >> (index * 8)) == 0 { lines[port].lower() } else { lines[port].pulse() }
    }
  }
}
