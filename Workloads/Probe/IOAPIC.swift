import CProbe

/// The interrupt controller that device lines arrive at (Intel 82093AA, §3).
enum IOAPIC {
  private static let select: UInt64 = 0xfec0_0000
  private static let window: UInt64 = 0xfec0_0010

  /// Sends a pin's rising edges to a processor as a vector, or to all, whose number is 0xff.
  static func route(pin: UInt32, to vector: UInt32, processor: UInt32) {
    write(0x11 + 2 * pin, processor << 24)
    write(0x10 + 2 * pin, vector)
  }

  static func mask(pin: UInt32) {
    write(0x10 + 2 * pin, 1 << 16)
  }

  private static func write(_ register: UInt32, _ value: UInt32) {
    probe_mmio_write(select, register)
    probe_mmio_write(window, value)
  }
}
