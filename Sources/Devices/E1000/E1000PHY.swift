/// The controller's PHY as MDIC reaches it (§13.4.7): an M88 at address 1 whose link is up at 1000 Mb/s, full duplex.
struct E1000PHY {
  private enum Bits {
    static let write: UInt32 = 1 << 26
    static let read: UInt32 = 2 << 26
    static let operation: UInt32 = 3 << 26
    static let ready: UInt32 = 1 << 28
    static let interrupt: UInt32 = 1 << 29
    static let error: UInt32 = 1 << 30
  }

  /// What a register holds after a reset (IEEE 802.3 §22.2.4 for 0 to 15, the M88's own above).
  private static let initial: [Int: UInt16] = [
    0: 0x1140,  // auto-negotiation, full duplex, 1000 Mb/s
    1: 0x796d,  // every speed, extended status, auto-negotiation complete, link up
    2: 0x0141, 3: 0x0c20,  // the vendor and the model
    4: 0x0de1, 5: 0xcde1, 6: 0x000f,  // what either side can do
    9: 0x0300, 10: 0x7c00,  // 1000BASE-T: both sides are able, both receivers have status OK
    15: 0x3000,
    16: 0x0068, 17: 0xac00,  // resolved: 1000 Mb/s, full duplex, link up
  ]
  private static let writable: Set<Int> = [0, 4, 7, 9, 16, 18, 20, 24, 25, 29, 30]

  private var registers: [Int: UInt16] = initial

  /// Carries out what was written to MDIC.
  /// - Returns: what MDIC reads now, and the causes of interrupts that come of it.
  mutating func command(_ value: UInt32) -> (value: UInt32, causes: UInt32) {
    let register = Int(value >> 16 & 0x1f)
    let answer = value & ~Bits.error | Bits.ready
    let done = value & Bits.interrupt != 0 ? E1000Cause.mdiDone : 0
    guard value >> 21 & 0x1f == 1 else { return (answer | Bits.error, done) }
    switch value & Bits.operation {
    case Bits.read: return (answer & 0xffff_0000 | UInt32(registers[register] ?? 0), done)
    case Bits.write:
      let changes = write(UInt16(truncatingIfNeeded: value), to: register)
      return (answer, changes ? done | E1000Cause.linkChange : done)
    default: return (answer | Bits.error, done)
    }
  }

  /// - Returns: whether the link went down, and came up again.
  private mutating func write(_ value: UInt16, to register: Int) -> Bool {
    guard Self.writable.contains(register) else { return false }
    if register == 0, value & 0x8000 != 0 {
      self = E1000PHY()
      return true
    }
    // A restart of auto-negotiation is over at once.
    registers[register] = register == 0 ? value & ~0x0200 : value
    return register == 0 && value & 0x0200 != 0
  }
}
