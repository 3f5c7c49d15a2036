import Frames

/// The controller's serial EEPROM of 64 words, read through EERD or bit by bit through EECD as a Microwire part (§5.6, §13.4.3,
/// §13.4.4). Nothing can be written to it.
struct E1000EEPROM {
  /// Bits of EECD.
  private enum Pin {
    static let clock: UInt32 = 1 << 0
    static let select: UInt32 = 1 << 1
    static let input: UInt32 = 1 << 2
    static let output: UInt32 = 1 << 3
    static let request: UInt32 = 1 << 6
    static let grant: UInt32 = 1 << 7
    static let present: UInt32 = 1 << 8
  }

  /// The words' sum (§5.6.35).
  private static let checksum: UInt16 = 0xbaba
  /// A start bit, two bits of opcode, six of address.
  private static let commandBits = 9
  private static let readCommand: UInt32 = 0b110

  private let words: [UInt16]
  private var pins: UInt32 = 0
  private var shifted: UInt32 = 0
  private var shiftedCount = 0
  /// What is shifted out, the next bit highest, and how many bits are left.
  private var answer: UInt32 = 0
  private var answerCount = 0

  init(address: EthernetAddress, subsystem: PCIIdentity) {
    var words = [UInt16](repeating: 0xffff, count: 64)
    let bytes = address.bytes
    for index in 0..<3 { words[index] = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8 }
    words[0x03] = 0
    // Initialization control 1 and 2: identifiers are loaded from here, the PHY is an internal one (§5.6.7, §5.6.11).
    words[0x0a] = 0x4408
    words[0x0b] = subsystem.subsystem
    words[0x0c] = subsystem.subsystemVendor
    words[0x0d] = subsystem.device
    words[0x0e] = subsystem.vendor
    words[0x0f] = 0x3040
    // Initialization control 3: no wake-up.
    words[0x24] = 0
    let sum = words[..<0x3f].reduce(UInt16(0)) { $0 &+ $1 }
    words[0x3f] = Self.checksum &- sum
    self.words = words
  }

  /// What EERD reads after `value` was written to it: done, with the word, where the start bit was set.
  func read(_ value: UInt32) -> UInt32 {
    guard value & 1 != 0 else { return value & 0xff00 }
    let address = Int(value >> 8 & 0xff)
    // Past its end the part has nothing.
    guard address < words.count else { return value & 0xff00 | 1 << 4 | 0xffff_0000 }
    return value & 0xff00 | 1 << 4 | UInt32(words[address]) << 16
  }

  /// What EECD reads.
  var control: UInt32 {
    let output: UInt32 = answerCount == 0 || answer & 0x8000_0000 != 0 ? Pin.output : 0
    let granted = pins & Pin.request != 0 ? Pin.grant : 0
    return pins & (Pin.clock | Pin.select | Pin.input | Pin.request) | output | granted | Pin.present
  }

  /// Takes a write to EECD: a bit is shifted at every rising edge of the clock while the part is selected.
  mutating func writeControl(_ value: UInt32) {
    let rises = value & Pin.clock != 0 && pins & Pin.clock == 0
    let wasSelected = pins & Pin.select != 0
    pins = value
    guard value & Pin.select != 0 else {
      (shifted, shiftedCount, answerCount) = (0, 0, 0)
      return
    }
    guard rises, wasSelected else { return }
    if answerCount > 0 {
      answer <<= 1
      answerCount -= 1
      return
    }
    let bit: UInt32 = value & Pin.input != 0 ? 1 : 0
    // Zeros before the start bit mean nothing.
    if shiftedCount == 0, bit == 0 { return }
    shifted = shifted << 1 | bit
    shiftedCount += 1
    guard shiftedCount == Self.commandBits else { return }
    let (command, address) = (shifted >> 6, Int(shifted & 0x3f))
    (shifted, shiftedCount) = (0, 0)
    guard command == Self.readCommand else { return }
    // A zero comes first, then the word from its highest bit down.
    answer = UInt32(words[address]) << 15
    answerCount = 17
  }
}
