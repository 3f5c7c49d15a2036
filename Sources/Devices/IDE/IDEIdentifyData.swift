/// The 512 bytes that IDENTIFY DEVICE returns (ATA8-ACS §7.16).
struct IDEIdentifyData {
  /// What of the drive's state the words show.
  struct State {
    var sectors: UInt64
    var geometry: IDETaskFile.Geometry
    var multiple: Int
    var isWriteCached: Bool
    /// Bits of the selected mode in words 63 and 88.
    var multiwordMode: UInt16
    var ultraMode: UInt16
  }

  private(set) var words = [UInt16](repeating: 0, count: 256)

  init(_ identity: IDEIdentity, _ state: State) {
    setGeometry(state)
    setText(identity.serial, at: 10, words: 10)
    setText(identity.firmware, at: 23, words: 4)
    setText(identity.model, at: 27, words: 20)
    setCapabilities(state)
    setFeatures(state)
    setChecksum()
  }

  /// The words as the guest reads them, little-endian.
  var bytes: [UInt8] { words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] } }

  private mutating func setGeometry(_ state: State) {
    let standard = IDETaskFile.Geometry()
    words[0] = 0x0040  // a fixed disk
    words[1] = UInt16(min(16383, state.sectors / (standard.heads * standard.sectors)))
    words[3] = UInt16(standard.heads)
    words[6] = UInt16(standard.sectors)
    let cylinders = min(65535, state.sectors / (state.geometry.heads * state.geometry.sectors))
    words[54] = UInt16(cylinders)
    words[55] = UInt16(state.geometry.heads)
    words[56] = UInt16(state.geometry.sectors)
    set(cylinders * state.geometry.heads * state.geometry.sectors, at: 57, words: 2)
    set(min(state.sectors, 0x0fff_ffff), at: 60, words: 2)
    set(state.sectors, at: 100, words: 4)
  }

  private mutating func setCapabilities(_ state: State) {
    words[47] = 0x8000 | UInt16(IDETransfer.largestBlock)
    words[48] = 0x4000
    words[49] = 0x2f00  // standard standby timers, IORDY, LBA, DMA
    words[50] = 0x4000
    words[51] = 0x0200
    words[53] = 0x0007  // words 54-58, 64-70 and 88 are valid
    words[59] = state.multiple > 0 ? 0x0100 | UInt16(state.multiple) : 0
    words[63] = 0x0007 | state.multiwordMode << 8
    words[64] = 0x0003  // PIO modes 3 and 4
    for word in 65...68 { words[word] = 120 }  // nanoseconds a cycle
    words[88] = 0x003f | state.ultraMode << 8
    words[93] = 0x6001  // device 0 passed; 80-conductor cable
  }

  private mutating func setFeatures(_ state: State) {
    let supported: UInt16 = 0x0228  // DEVICE RESET, write cache, power management
    words[80] = 0x01f0  // ATA/ATAPI-4 to ATA8-ACS
    words[82] = supported
    words[83] = 0x7400  // FLUSH CACHE EXT, FLUSH CACHE, 48-bit addresses
    words[84] = 0x4000
    words[85] = state.isWriteCached ? supported : supported & ~0x0020
    words[86] = 0x3400
    words[87] = 0x4000
    words[106] = 0x4000  // one logical sector of 512 bytes a physical one
    words[217] = 0x0001  // does not rotate
  }

  /// Word 255: a signature, and a byte that makes all 512 sum to zero.
  private mutating func setChecksum() {
    words[255] = 0x00a5
    let sum = bytes.reduce(UInt8(0)) { $0 &+ $1 }
    words[255] |= UInt16(0 &- sum) << 8
  }

  private mutating func set(_ value: UInt64, at start: Int, words count: Int) {
    for index in 0..<count { words[start + index] = UInt16(truncatingIfNeeded: value >> UInt64(index * 16)) }
  }

  /// Text is padded with spaces; the first character of each pair lies in the high byte.
  private mutating func setText(_ text: String, at start: Int, words count: Int) {
    let printable = text.utf8.map { (0x20..<0x7f).contains($0) ? $0 : 0x3f }
    for index in 0..<count {
      let first = index * 2 < printable.count ? printable[index * 2] : 0x20
      let second = index * 2 + 1 < printable.count ? printable[index * 2 + 1] : 0x20
      words[start + index] = UInt16(first) << 8 | UInt16(second)
    }
  }
}
