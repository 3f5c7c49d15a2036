/// A transmit descriptor's fields, in the three formats (§3.3.3, §3.3.6, §3.3.7).
struct E1000TransmitDescriptor {
  /// Bits of the command byte.
  enum Command {
    static let endOfPacket: UInt8 = 1 << 0
    static let insertChecksum: UInt8 = 1 << 2  // legacy
    static let segment: UInt8 = 1 << 2  // extended
    static let reportStatus: UInt8 = 1 << 3
    static let extended: UInt8 = 1 << 5
    static let delayInterrupt: UInt8 = 1 << 7
  }

  enum Format {
    case legacy
    case context
    case data
    /// An extended descriptor of a type that does not exist.
    case unknown
  }

  /// Descriptor done, in the status byte.
  static let done: UInt8 = 1

  let address: UInt64
  let fields: UInt64

  init(_ descriptor: E1000Descriptor) {
    address = descriptor.address
    fields = descriptor.fields
  }

  var command: UInt8 { UInt8(truncatingIfNeeded: fields >> 24) }
  var format: Format {
    guard command & Command.extended != 0 else { return .legacy }
    switch fields >> 20 & 0xf {
    case 0: return .context
    case 1: return .data
    default: return .unknown
    }
  }
  var isLast: Bool { command & Command.endOfPacket != 0 }
  /// Whether the interrupt may wait for the timers.
  var mayWait: Bool { command & Command.delayInterrupt != 0 }
  /// Whether the driver wants to see the descriptor marked as done.
  var wantsReport: Bool { command & Command.reportStatus != 0 }

  /// Bytes of the buffer: 16 bits in the legacy format, 20 in the extended.
  var length: UInt32 { UInt32(truncatingIfNeeded: fields) & (format == .legacy ? 0xffff : 0xf_ffff) }

  // Legacy: where the checksum goes and where it starts.
  var checksumOffset: UInt8 { UInt8(truncatingIfNeeded: fields >> 16) }
  var checksumStart: UInt8 { UInt8(truncatingIfNeeded: fields >> 40) }

  // Data: which checksums are to be inserted.
  private var options: UInt8 { UInt8(truncatingIfNeeded: fields >> 40) }
  var insertions: E1000Insertions { E1000Insertions(rawValue: options & 3) }
}

/// Which checksums the controller is to insert: the lowest bits of a data descriptor's options (§3.3.7.1).
struct E1000Insertions: OptionSet {
  let rawValue: UInt8

  static let network = E1000Insertions(rawValue: 1)
  static let transport = E1000Insertions(rawValue: 2)
}
