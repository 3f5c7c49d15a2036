/// The statistics registers (§13.7): each shows what was counted since it was read last, and 0 for what never happens on this
/// wire, such as collisions. Bytes are counted with the check sequence.
struct E1000Statistics {
  /// Where each register's count began, by its place in the block.
  private var base: [UInt64]

  /// - Parameter counters: what was counted before; it shows nowhere.
  init(since counters: E1000Counters = E1000Counters()) {
    base = (0..<64).map { Self.value($0, counters) }
  }

  /// Reads a register, which clears it. Of a 64-bit counter the low half shows, and reading the high half clears both.
  /// - Parameter offset: of the register in the block.
  mutating func read(_ offset: Int, _ counters: E1000Counters) -> UInt32 {
    let index = offset >> 2
    guard let low = Self.lowHalf(of: index) else {
      let value = Self.value(index, counters) - base[index]
      guard !Self.isWide(index) else { return UInt32(truncatingIfNeeded: value) }
      base[index] += value
      return UInt32(clamping: value)
    }
    let value = Self.value(low, counters) - base[low]
    base[low] += value
    return UInt32(truncatingIfNeeded: value >> 32)
  }

  private static func isWide(_ index: Int) -> Bool { [0x22, 0x24, 0x30, 0x32].contains(index) }
  private static func lowHalf(of index: Int) -> Int? { isWide(index - 1) ? index - 1 : nil }

  /// All that a register ever counted; it never falls.
  private static func value(_ index: Int, _ counters: E1000Counters) -> UInt64 {
    let (sent, received) = (counters.framesSent, counters.framesReceived)
    let check = E1000Counters.checkSequence
    return switch index {
    case 0x04, 0x28: counters.overruns
    case 0x17...0x1c: counters.receivedBySize[index - 0x17]
    case 0x1d, 0x34: received
    case 0x1e: counters.broadcastsReceived
    case 0x1f: counters.multicastsReceived
    case 0x20, 0x35: sent
    case 0x22, 0x30: counters.bytesReceived + check * received
    case 0x24, 0x32: counters.bytesSent + check * sent
    case 0x29: counters.undersized
    case 0x2b: counters.oversized
    case 0x36...0x3b: counters.sentBySize[index - 0x36]
    case 0x3c: counters.multicastsSent
    case 0x3d: counters.broadcastsSent
    case 0x3e: counters.segmentedPackets
    default: 0
    }
  }
}
