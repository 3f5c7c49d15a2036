import Frames

/// Which received frames are for the driver (§3.2.1): 16 exact addresses, a table of hashes for groups, and what lets all pass.
struct E1000Filter {
  /// Low and high word of each address, as the registers hold them.
  private(set) var addresses = [UInt32](repeating: 0, count: 32)
  private(set) var table = [UInt32](repeating: 0, count: 128)
  private static let isValid: UInt32 = 1 << 31

  /// After a reset the first address is the one in the EEPROM.
  init(_ address: EthernetAddress) {
    addresses[0] = UInt32(truncatingIfNeeded: address.rawValue)
    addresses[1] = UInt32(truncatingIfNeeded: address.rawValue >> 32) | Self.isValid
  }

  /// Writes a word of the address registers.
  mutating func setAddress(_ index: Int, _ value: UInt32) { addresses[index] = value }
  /// Writes a word of the group table.
  mutating func setTable(_ index: Int, _ value: UInt32) { table[index] = value }

  func takes(_ destination: EthernetAddress, _ control: UInt32) -> Bool {
    if destination == .broadcast, control & E1000ReceiveControl.broadcast != 0 { return true }
    if destination.isGroup {
      if control & E1000ReceiveControl.multicastPromiscuous != 0 { return true }
    } else if control & E1000ReceiveControl.unicastPromiscuous != 0 {
      return true
    }
    for index in stride(from: 0, to: addresses.count, by: 2) where addresses[index + 1] & Self.isValid != 0 {
      let address = UInt64(addresses[index]) | UInt64(addresses[index + 1] & 0xffff) << 32
      if address == destination.rawValue { return true }
    }
    guard destination.isGroup else { return false }
    // The multicast offset chooses 12 of the destination's last 16 bits (§13.4.22, MO).
    let shift: [UInt64] = [36, 35, 34, 32]
    let hash = Int(destination.rawValue >> shift[Int(control >> 12 & 3)] & 0xfff)
    return table[hash >> 5] & 1 << UInt32(hash & 31) != 0
  }

  /// A frame's destination; nil where it is too short to have one.
  static func destination(of frame: UnsafeRawBufferPointer) -> EthernetAddress? {
    guard frame.count >= 8 else { return nil }
    return unsafe EthernetAddress(rawValue: UInt64(littleEndian: frame.loadUnaligned(as: UInt64.self)))
  }
}
