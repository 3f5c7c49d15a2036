import PortIO

/// Where a PCI function sits, and its configuration space by mechanism 1 (PCI 3.0 §3.2.2.3.2).
struct PCILocation: Equatable {
  var bus: UInt8
  var device: UInt8
  var function: UInt8

  /// Header registers that drivers use.
  enum Register {
    static var identity: UInt8 { 0x00 }
    static var command: UInt8 { 0x04 }
    static var status: UInt8 { 0x06 }
    static var classCode: UInt8 { 0x08 }
    static var headerType: UInt8 { 0x0e }
    static var baseAddress: UInt8 { 0x10 }
    static var capabilities: UInt8 { 0x34 }
    static var interruptLine: UInt8 { 0x3c }
  }

  /// A base address register's contents.
  struct BaseAddress: Equatable {
    /// A port or a physical address; 0 where nothing was assigned.
    var base: UInt64
    var isPorts: Bool
  }

  private func select(_ register: UInt8) {
    let place = UInt32(bus) << 16 | UInt32(device) << 11 | UInt32(function) << 8
    outl(0xcf8, 0x8000_0000 | place | UInt32(register & 0xfc))
  }

  /// Reads an aligned 32-bit register.
  func read32(_ register: UInt8) -> UInt32 {
    select(register)
    return inl(0xcfc)
  }

  func read16(_ register: UInt8) -> UInt16 {
    select(register)
    return inw(0xcfc + UInt16(register & 2))
  }

  func read8(_ register: UInt8) -> UInt8 {
    select(register)
    return inb(0xcfc + UInt16(register & 3))
  }

  func write32(_ register: UInt8, _ value: UInt32) {
    select(register)
    outl(0xcfc, value)
  }

  func write16(_ register: UInt8, _ value: UInt16) {
    select(register)
    outw(0xcfc + UInt16(register & 2), value)
  }

  func write8(_ register: UInt8, _ value: UInt8) {
    select(register)
    outb(0xcfc + UInt16(register & 3), value)
  }

  /// Base address register `index`; both halves of a 64-bit one.
  func baseAddress(_ index: UInt8) -> BaseAddress {
    let low = read32(Register.baseAddress + index * 4)
    if low & 1 != 0 { return BaseAddress(base: UInt64(low & ~3), isPorts: true) }
    let high = low & 6 == 4 && index < 5 ? read32(Register.baseAddress + index * 4 + 4) : 0
    return BaseAddress(base: UInt64(high) << 32 | UInt64(low & ~0xf), isPorts: false)
  }

  /// Turns decoding and bus mastering on.
  func enable() {
    write16(Register.command, read16(Register.command) | 0x0007)
  }

  /// The offset of the next capability with an identifier, after the one at `previous` or from the start; 0 where there
  /// is none. A list that loops ends after as many steps as fit the space.
  func capability(_ identifier: UInt8, after previous: UInt8 = 0) -> UInt8 {
    if read16(Register.status) & 0x10 == 0 { return 0 }
    var offset = (previous == 0 ? read8(Register.capabilities) : read8(previous + 1)) & ~3
    var steps = 48
    while offset >= 0x40, steps > 0 {
      let entry = read16(offset)
      if UInt8(entry & 0xff) == identifier { return offset }
      offset = UInt8(entry >> 8) & ~3
      steps -= 1
    }
    return 0
  }
}
