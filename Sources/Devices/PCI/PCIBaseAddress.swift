/// One base address register and the region behind it (PCI 3.0 §6.2.5).
struct PCIBaseAddress {
  /// What the register's constant low bits say.
  enum Kind: UInt32 {
    case ports = 0x1
    case memory32 = 0x0
    case memory64 = 0xc  // prefetchable, as every 64-bit region behind a bridge has to be
  }

  let kind: Kind
  /// Bytes, a power of two.
  let size: UInt64
  let device: any BusDevice
  /// Where the region stands on its bus now.
  var mapped: Range<UInt64>?

  var space: PCISpace { kind == .ports ? .ports : .memory }

  /// The range that a register's value asks for; nil for values that no decoder can take: zero (never assigned), ports
  /// past 64 Ki, wrap-around, and the top of the 32-bit space, where the all-ones pattern that sizes a register points.
  func range(register value: UInt64) -> Range<UInt64>? {
    let base = value & ~(size - 1) & (kind == .ports ? ~0x3 : ~0xf)
    let (end, overflow) = base.addingReportingOverflow(size)
    guard base != 0, !overflow else { return nil }
    switch kind {
    case .ports: return end <= 0x1_0000 ? base..<end : nil
    case .memory32, .memory64: return base < 1 << 32 && end >= 1 << 32 ? nil : base..<end
    }
  }
}
