import Frames

/// What the negotiated features allow, and what of a header can be true.
struct NetRules: Sendable {
  /// What the driver leaves to the device, and what it takes over from it.
  let sends: FrameFeatures
  let receives: FrameFeatures
  let isMergeable: Bool
  /// Queue pairs: those that there are, as far as the driver knows.
  let pairs: Int
  /// Whether the driver has an address of its own that the device knows, and a way to name others.
  let knowsAddress: Bool
  let controlsReceive: Bool
  /// Most bytes of a frame that is not cut.
  let longestPlain: Int

  init(_ features: VirtioFeatures, pairs: Int, mtu: UInt16) {
    var sends: FrameFeatures = []
    var receives: FrameFeatures = []
    if features.contains(.netChecksum) { sends.insert(.checksum) }
    if features.contains(.netHostTCP4) { sends.insert(.tcp4) }
    if features.contains(.netGuestChecksum) { receives.insert(.checksum) }
    if features.contains(.netGuestTCP4) { receives.insert(.tcp4) }
    self.sends = sends
    self.receives = receives
    isMergeable = features.contains(.netMergeableBuffers)
    self.pairs = features.contains(.netMultipleQueues) ? pairs : 1
    knowsAddress = features.contains(.netAddress)
    controlsReceive = features.contains(.netControlReceive)
    longestPlain = Int(mtu) + FrameLimits.taggedHeader
  }

  /// Combinations that §5.1.3.1 forbids.
  static func areConsistent(_ features: VirtioFeatures) -> Bool {
    func needs(_ feature: VirtioFeatures, _ other: VirtioFeatures) -> Bool {
      !features.contains(feature) || features.contains(other)
    }
    return needs(.netHostTCP4, .netChecksum) && needs(.netGuestTCP4, .netGuestChecksum)
      && needs(.netControlReceive, .netControl) && needs(.netControlReceiveExtra, .netControl)
      && needs(.netControlAddress, .netControl) && needs(.netMultipleQueues, .netControl)
  }

  /// Bytes of the longest frame that the driver can get.
  var longestReceived: Int { receives.contains(.tcp4) ? FrameLimits.longest : longestPlain }

  /// The fields of a sent frame's header that the link may rely on; nil where the header cannot be true (§5.1.6.2).
  @inline(__always)
  func checked(_ given: FrameHeader, count: UInt64) -> FrameHeader? {
    guard count >= UInt64(FrameLimits.ethernetHeader) else { return nil }
    if given.flags & FrameHeader.needsChecksum == 0, given.segmentation == FrameHeader.noSegmentation {
      return count <= UInt64(longestPlain) ? FrameHeader() : nil
    }
    return checkedOffload(given, count: count)
  }

  private func checkedOffload(_ given: FrameHeader, count: UInt64) -> FrameHeader? {
    var header = FrameHeader()
    // Segments can only be cut where their checksum is still to be computed.
    guard given.flags & FrameHeader.needsChecksum != 0, sends.contains(.checksum),
      given.checksumStart >= UInt16(FrameLimits.ethernetHeader),
      UInt64(given.checksumStart) + UInt64(given.checksumOffset) + 2 <= count
    else { return nil }
    header.flags = FrameHeader.needsChecksum
    header.checksumStart = given.checksumStart
    header.checksumOffset = given.checksumOffset
    if given.segmentation == FrameHeader.noSegmentation { return count <= UInt64(longestPlain) ? header : nil }
    guard given.segmentation == FrameHeader.tcp4, sends.contains(.tcp4), given.segmentSize > 0,
      count <= UInt64(FrameLimits.longest)
    else { return nil }
    // The length of all headers is only a hint: it is clamped to the frame's end and to the end of the checksum field.
    let least = UInt64(header.checksumStart) + UInt64(header.checksumOffset) + 2
    header.headerLength = UInt16(clamping: min(max(UInt64(given.headerLength), least), count))
    header.segmentation = FrameHeader.tcp4
    header.segmentSize = given.segmentSize
    return header
  }

  /// The header of a received frame as the driver gets it; nil where it leaves work that the driver did not take over.
  @inline(__always)
  func acceptable(_ given: FrameHeader) -> FrameHeader? {
    if given.flags == 0, given.segmentation == FrameHeader.noSegmentation { return given }
    var header = given
    if given.flags & FrameHeader.needsChecksum != 0, !receives.contains(.checksum) { return nil }
    if given.segmentation != FrameHeader.noSegmentation {
      guard given.segmentation == FrameHeader.tcp4, receives.contains(.tcp4) else { return nil }
    }
    if !receives.contains(.checksum) { header.flags = 0 }
    return header
  }
}
