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
  /// Whether the driver wants to see the descriptor marked as done.
  var wantsReport: Bool { command & Command.reportStatus != 0 }

  /// Bytes of the buffer: 16 bits in the legacy format, 20 in the extended.
  var length: UInt32 { UInt32(truncatingIfNeeded: fields) & (format == .legacy ? 0xffff : 0xf_ffff) }

  // Legacy: where the checksum goes and where it starts.
  var checksumOffset: UInt8 { UInt8(truncatingIfNeeded: fields >> 16) }
  var checksumStart: UInt8 { UInt8(truncatingIfNeeded: fields >> 40) }

  // Data: which checksums are to be inserted.
  private var options: UInt8 { UInt8(truncatingIfNeeded: fields >> 40) }
  var insertsIPChecksum: Bool { options & 1 != 0 }
  var insertsTransportChecksum: Bool { options & 2 != 0 }
}

/// What a context descriptor says of the packets after it (§3.3.6).
struct E1000TransmitContext {
  /// A range that a checksum covers, and where it is stored.
  struct Checksum {
    var start: UInt8 = 0
    var offset: UInt8 = 0
    /// Last byte that is covered; 0 for the end of the packet.
    var end: UInt16 = 0
  }

  var network = Checksum()
  var transport = Checksum()
  var isTCP = false
  var isIPv4 = false
  /// Bytes of payload, of all headers, of payload a segment: for segmentation.
  var payloadLength: UInt32 = 0
  var headerLength: UInt8 = 0
  var segmentSize: UInt16 = 0

  init() {}

  init(_ descriptor: E1000TransmitDescriptor) {
    let (low, high) = (descriptor.address, descriptor.fields)
    network = Checksum(
      start: UInt8(truncatingIfNeeded: low), offset: UInt8(truncatingIfNeeded: low >> 8),
      end: UInt16(truncatingIfNeeded: low >> 16))
    transport = Checksum(
      start: UInt8(truncatingIfNeeded: low >> 32), offset: UInt8(truncatingIfNeeded: low >> 40),
      end: UInt16(truncatingIfNeeded: low >> 48))
    payloadLength = UInt32(truncatingIfNeeded: high) & 0xf_ffff
    isTCP = descriptor.command & 1 != 0
    isIPv4 = descriptor.command & 2 != 0
    headerLength = UInt8(truncatingIfNeeded: high >> 40)
    segmentSize = UInt16(truncatingIfNeeded: high >> 48)
  }
}
