import CProbe
import ProbeABI

/// The registers of an 82540EM that the driver uses ("PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's
/// Manual", 317453, chapter 13). Every access traps where the controller is emulated.
struct E1000Registers: BitwiseCopyable {
  static var control: UInt64 { 0x0000 }
  static var status: UInt64 { 0x0008 }
  static var eepromRead: UInt64 { 0x0014 }
  static var interruptCause: UInt64 { 0x00c0 }
  static var interruptThrottling: UInt64 { 0x00c4 }
  static var interruptCauseSet: UInt64 { 0x00c8 }
  static var interruptMask: UInt64 { 0x00d0 }
  static var interruptMaskClear: UInt64 { 0x00d8 }
  static var receiveControl: UInt64 { 0x0100 }
  static var transmitControl: UInt64 { 0x0400 }
  static var gap: UInt64 { 0x0410 }
  static var receiveRing: UInt64 { 0x2800 }
  static var receiveDelay: UInt64 { 0x2820 }
  static var transmitRing: UInt64 { 0x3800 }
  static var multicastTable: UInt64 { 0x5200 }
  static var address: UInt64 { 0x5400 }
  /// From the start of either ring's registers.
  static var ringLength: UInt64 { 0x08 }
  static var ringHead: UInt64 { 0x10 }
  static var ringTail: UInt64 { 0x18 }
  /// Bytes of the register region.
  static var size: UInt64 { 0x20000 }

  enum Control {
    static var autoSpeed: UInt32 { 1 << 5 }
    static var setLinkUp: UInt32 { 1 << 6 }
    static var reset: UInt32 { 1 << 26 }
  }
  enum Cause {
    static var transmitDone: UInt32 { 1 << 0 }
    static var receiveTimer: UInt32 { 1 << 7 }
  }
  static var linkUp: UInt32 { 1 << 1 }
  /// On, broadcasts pass, buffers of 2048 bytes, check sequences stripped.
  static var receiveSettings: UInt32 { 1 << 1 | 1 << 15 | 1 << 26 }
  /// On, short frames padded, collision parameters for full duplex (§13.4.33).
  static var transmitSettings: UInt32 { 1 << 1 | 1 << 3 | 0x0f << 4 | 0x40 << 12 }
  /// Gaps between frames for copper (§13.4.34).
  static var gaps: UInt32 { 10 | 8 << 10 | 6 << 20 }

  /// Where base address register 0 put them.
  let base: UInt64

  @inline(__always)
  func read(_ register: UInt64) -> UInt32 { probe_mmio_read(base &+ register) }
  @inline(__always)
  func write(_ register: UInt64, _ value: UInt32) { probe_mmio_write(base &+ register, value) }

  /// Waits until bits of a register have a value. Returns false once `deadline` (a time stamp) has passed.
  func wait(_ register: UInt64, _ mask: UInt32, is value: UInt32, until deadline: UInt64) -> Bool {
    while read(register) & mask != value {
      if nm_tsc() > deadline { return false }
      nm_pause()
    }
    return true
  }
}
