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
  /// Whether it is for segmented packets; there is another for those that are not.
  var isForSegments = false
  /// Bytes of all headers, and of payload a segment: for segmentation.
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
    isTCP = descriptor.command & 1 != 0
    isIPv4 = descriptor.command & 2 != 0
    isForSegments = descriptor.command & E1000TransmitDescriptor.Command.segment != 0
    headerLength = UInt8(truncatingIfNeeded: high >> 40)
    segmentSize = UInt16(truncatingIfNeeded: high >> 48)
  }
}
