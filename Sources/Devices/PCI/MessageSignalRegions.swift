/// The MSI-X table in a region (PCI 3.0 §6.8.2): 16 bytes a vector. Aligned long and quad writes count, as the
/// specification asks of software; others are ignored.
final class MessageTable: BusDevice {
  private let signals: MessageSignals

  init(_ signals: MessageSignals) { self.signals = signals }

  /// Bytes of the table.
  var size: UInt64 { UInt64(signals.count) * 16 }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    let low = register(offset & ~3)
    guard width != .quad else { return low | register((offset & ~3) + 4) << 32 }
    return low >> (offset & 3 * 8) & width.mask
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard offset % UInt64(width.rawValue) == 0, width == .long || width == .quad else { return }
    setRegister(offset, UInt32(truncatingIfNeeded: value))
    if width == .quad { setRegister(offset + 4, UInt32(truncatingIfNeeded: value >> 32)) }
  }

  private func register(_ offset: UInt64) -> UInt64 {
    offset < size ? UInt64(signals.register(Int(offset / 16), Int(offset % 16 / 4))) : 0xffff_ffff
  }

  private func setRegister(_ offset: UInt64, _ value: UInt32) {
    if offset < size { signals.setRegister(Int(offset / 16), Int(offset % 16 / 4), value) }
  }
}

/// The MSI-X pending bits in a region (PCI 3.0 §6.8.2): a bit a vector, read-only.
final class MessagePendingBits: BusDevice {
  private let signals: MessageSignals

  init(_ signals: MessageSignals) { self.signals = signals }

  /// Bytes of the array, whole quads.
  var size: UInt64 { UInt64((signals.count + 63) / 64 * 8) }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    guard offset < size else { return width.mask }
    return signals.pending(Int(offset / 8)) >> (offset % 8 * 8) & width.mask
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {}
}

/// Message control in configuration space, two bytes that the guest may write apart.
final class MessageControl: BusDevice {
  private let signals: MessageSignals

  init(_ signals: MessageSignals) { self.signals = signals }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    UInt64(signals.control) >> (offset * 8) & width.mask
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    // Both bits that can be written lie in the high byte.
    if width == .word {
      signals.setControl(UInt16(truncatingIfNeeded: value))
    } else if offset == 1 {
      signals.setControl(UInt16(truncatingIfNeeded: value) << 8)
    }
  }
}
