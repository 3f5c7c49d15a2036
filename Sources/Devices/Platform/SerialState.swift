/// The registers of a 16550 and what they do (PC16550D, section 8).
struct SerialState {
  private typealias Register = SerialPort.Register

  /// Bits of the line status register.
  private enum Line {
    static let dataReady: UInt8 = 0x01
    static let overrun: UInt8 = 0x02
    /// Transmitter and its holding register.
    static let transmitterEmpty: UInt8 = 0x60
  }

  /// Bits of the modem control register that have to do with more than pins.
  private enum Modem {
    /// Lets the interrupt out, on a PC.
    static let interruptGate: UInt8 = 0x08
    static let loop: UInt8 = 0x10
  }

  /// Bits of the interrupt enable register, and what the identification register says of each.
  private enum Interrupt {
    static let received: UInt8 = 0x01
    static let transmitterEmpty: UInt8 = 0x02

    static let none: UInt8 = 0x01
    static let isReceived: UInt8 = 0x04
    static let isTransmitterEmpty: UInt8 = 0x02
  }

  private static let divisorAccess: UInt8 = 0x80
  /// Identification: the FIFO is on.
  private static let fifo: UInt8 = 0xc0
  /// Modem status: carrier, ready, clear to send.
  private static let connected: UInt8 = 0xb0
  /// Bytes of the FIFO; in loop mode the guest overruns them.
  private static let depth = 16

  private var interruptEnable: UInt8 = 0
  private var lineControl: UInt8 = 3
  private var modemControl: UInt8 = 0
  private var scratch: UInt8 = 0
  private var divisor: (low: UInt8, high: UInt8) = (1, 0)
  private var isFIFO = false
  private var hasOverrun = false
  /// The transmitter became empty, and nobody has heard of it.
  private var isTransmitterNews = false
  private var received: [UInt8] = []
  private var taken = 0
  private var isLineHigh = false

  private var accessesDivisor: Bool { lineControl & Self.divisorAccess != 0 }
  private var isLooped: Bool { modemControl & Modem.loop != 0 }
  private var waiting: Int { received.count - taken }

  /// What the identification register names: the most urgent interrupt that is enabled.
  private var pending: UInt8 {
    if interruptEnable & Interrupt.received != 0, waiting > 0 || hasOverrun { return Interrupt.isReceived }
    if interruptEnable & Interrupt.transmitterEmpty != 0, isTransmitterNews { return Interrupt.isTransmitterEmpty }
    return Interrupt.none
  }

  /// Follows what is pending. Returns whether the line rises.
  mutating func updateLine() -> Bool {
    let isHigh = pending != Interrupt.none && modemControl & Modem.interruptGate != 0 && !isLooped
    defer { isLineHigh = isHigh }
    return isHigh && !isLineHigh
  }

  /// Keeps bytes for the guest as far as there is room. Returns how many.
  mutating func receive(_ bytes: some Collection<UInt8>, limit: Int) -> Int {
    guard !isLooped else { return 0 }
    let room = max(0, limit - waiting)
    if taken > limit {
      received.removeFirst(taken)
      taken = 0
    }
    received += bytes.prefix(room)
    return min(room, bytes.count)
  }

  mutating func read(_ offset: UInt64) -> UInt8 {
    switch offset {
    case Register.data: accessesDivisor ? divisor.low : takeByte()
    case Register.interruptEnable: accessesDivisor ? divisor.high : interruptEnable
    case Register.interruptIdentification: identify()
    case Register.lineControl: lineControl
    case Register.modemControl: modemControl
    case Register.lineStatus: takeLineStatus()
    case Register.modemStatus: modemStatus
    default: scratch
    }
  }

  /// Returns whether the byte goes out.
  mutating func write(_ offset: UInt64, _ byte: UInt8) -> Bool {
    switch offset {
    case Register.data where accessesDivisor: divisor.low = byte
    case Register.data: return send(byte)
    case Register.interruptEnable where accessesDivisor: divisor.high = byte
    case Register.interruptEnable: enable(byte & 0x0f)
    case Register.interruptIdentification: controlFIFO(byte)
    case Register.lineControl: lineControl = byte
    case Register.modemControl: modemControl = byte & 0x1f
    case Register.scratch: scratch = byte
    default: break
    }
    return false
  }

  // MARK: What registers do

  private mutating func send(_ byte: UInt8) -> Bool {
    // It is sent before the guest looks again. The write takes an interrupt back, and the empty transmitter raises another.
    if !isTransmitterNews {
      isTransmitterNews = true
      isLineHigh = isLineHigh && pending == Interrupt.isReceived
    }
    guard isLooped else { return true }
    if waiting < Self.depth { received.append(byte) } else { hasOverrun = true }
    return false
  }

  /// The transmitter is empty: whoever asks to hear of that hears at once.
  private mutating func enable(_ bits: UInt8) {
    let isNew = bits & Interrupt.transmitterEmpty != 0 && interruptEnable & Interrupt.transmitterEmpty == 0
    interruptEnable = bits
    if isNew { isTransmitterNews = true }
  }

  private mutating func identify() -> UInt8 {
    let source = pending
    if source == Interrupt.isTransmitterEmpty { isTransmitterNews = false }
    return source | (isFIFO ? Self.fifo : 0)
  }

  private mutating func controlFIFO(_ byte: UInt8) {
    let turnsOver = (byte & 1 != 0) != isFIFO
    isFIFO = byte & 1 != 0
    if turnsOver || byte & 2 != 0 { clearReceived() }
  }

  private mutating func clearReceived() {
    received.removeAll(keepingCapacity: true)
    taken = 0
  }

  private mutating func takeByte() -> UInt8 {
    guard waiting > 0 else { return 0 }
    defer {
      taken += 1
      if waiting == 0 { clearReceived() }
    }
    return received[taken]
  }

  private mutating func takeLineStatus() -> UInt8 {
    defer { hasOverrun = false }
    return Line.transmitterEmpty | (waiting > 0 ? Line.dataReady : 0) | (hasOverrun ? Line.overrun : 0)
  }

  /// In loop mode the four outputs come back as the four inputs.
  private var modemStatus: UInt8 {
    guard isLooped else { return Self.connected }
    let outputs = modemControl
    return (outputs & 0x02) << 3 | (outputs & 0x01) << 5 | (outputs & 0x04) << 4 | (outputs & 0x08) << 4
  }
}
