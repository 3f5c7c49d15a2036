/// Where a `virtio_mmio.device=SIZE@BASE:IRQ` word of the command line says that a device's registers are.
struct VirtioMMIOWindow {
  let base: UInt64
  /// Of the IOAPIC.
  let pin: UInt32

  /// The words of all windows.
  static var key: StaticString { "virtio_mmio.device" }

  /// Reads the part of a word behind the equals sign; nil for anything else. Numbers are decimal, or hexadecimal with
  /// 0x; what follows IRQ behind another colon is passed over, the size too.
  init?(_ value: ByteSlice) {
    let at = value.position(of: 0x40, from: 0)
    let colon = value.position(of: 0x3a, from: at)
    let end = value.position(of: 0x3a, from: min(colon + 1, value.count))
    guard colon < value.count, let base = Self.number(value.slice(from: at + 1, to: colon)),
      let pin = Self.number(value.slice(from: colon + 1, to: end)), pin <= UInt64(UInt32.max)
    else { return nil }
    self.base = base
    self.pin = UInt32(pin)
  }

  private static func number(_ text: ByteSlice) -> UInt64? {
    guard text.count > 2, text[0] == 0x30, text[1] | 0x20 == 0x78 else { return text.decimal }
    guard text.count <= 18 else { return nil }
    var value: UInt64 = 0
    for index in 2..<text.count {
      let digit: UInt8
      switch text[index] {
      case 0x30...0x39: digit = text[index] - 0x30
      case 0x61...0x66: digit = text[index] - 0x57
      case 0x41...0x46: digit = text[index] - 0x37
      default: return nil
      }
      value = value << 4 | UInt64(digit)
    }
    return value
  }
}
