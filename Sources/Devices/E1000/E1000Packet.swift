import CLinux
import Frames

/// The packet that the transmitter gathers, and the frames that it becomes.
///
/// Every byte was copied out of the guest's memory before anything is decided on it.
@safe struct E1000Packet: ~Copyable {
  /// A segmented packet is no longer than any frame.
  static var limit: Int { FrameLimits.longest }
  /// Shortest frame without its check sequence (IEEE 802.3 §3.2.8), to which the controller pads.
  static var shortestFrame: Int { 60 }

  private let bytes: UnsafeMutableRawBufferPointer
  private let frame: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  /// Whether descriptors named more bytes than a packet may have.
  private(set) var isTooLong = false
  /// Bytes of payload that left in segments.
  private var segmented = 0

  init() {
    unsafe bytes = .allocate(byteCount: Self.limit, alignment: 64)
    unsafe frame = .allocate(byteCount: Self.limit, alignment: 64)
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe frame.deallocate()
  }

  /// Room for `count` more bytes; nil, and the packet is too long from now on, where there is none.
  mutating func room(_ more: Int) -> UnsafeMutableRawBufferPointer? {
    guard more <= Self.limit - count else {
      isTooLong = true
      return nil
    }
    defer { count += more }
    return unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[count..<count + more])
  }

  mutating func clear() {
    count = 0
    segmented = 0
    isTooLong = false
  }

  /// The packet as one frame, padded to the shortest where that is asked for.
  mutating func whole(padding: Bool) -> UnsafeRawBufferPointer {
    while padding, count < Self.shortestFrame {
      unsafe bytes[count] = 0
      count += 1
    }
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
  }

  /// Inserts a checksum over the packet. One whose places lie outside of it is left out, as nothing could be stored.
  func insert(_ checksum: E1000TransmitContext.Checksum) {
    unsafe Self.insert(checksum, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]))
  }

  private static func insert(_ checksum: E1000TransmitContext.Checksum, into frame: UnsafeMutableRawBufferPointer) {
    let (start, place) = (Int(checksum.start), Int(checksum.offset))
    let end = checksum.end == 0 ? frame.count : min(frame.count, Int(checksum.end) + 1)
    guard start < end, place + 2 <= frame.count else { return }
    let sum = unsafe InternetChecksum.sum(UnsafeRawBufferPointer(rebasing: frame[start..<end]))
    unsafe store(InternetChecksum.finish(sum), at: place, in: unsafe frame)
  }

  // MARK: Segmentation (§3.5)

  /// Whether the context's figures fit the packet: headers with room for what is patched in them, at least a byte a segment, and
  /// segments of at most `limit` bytes.
  func canSegment(_ context: E1000TransmitContext, limit: Int) -> Bool {
    let (header, network, transport) = (
      Int(context.headerLength), Int(context.network.start), Int(context.transport.start)
    )
    let leastNetwork = context.isIPv4 ? 20 : 40
    let leastTransport = context.isTCP ? 20 : 8
    return context.segmentSize > 0 && header <= count
      && network + leastNetwork <= transport && transport + leastTransport <= header
      && header + Int(context.segmentSize) <= limit
  }

  /// The next frame of a segmented packet, nil after the last. `canSegment` holds.
  mutating func nextSegment(
    _ context: E1000TransmitContext, _ insertions: E1000Insertions
  ) -> UnsafeRawBufferPointer? {
    let header = Int(context.headerLength)
    let payload = count - header
    guard segmented < payload else { return nil }
    let size = min(Int(context.segmentSize), payload - segmented)
    unsafe frame.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<header]))
    unsafe UnsafeMutableRawBufferPointer(rebasing: frame[header...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: bytes[header + segmented..<header + segmented + size]))
    let whole = unsafe UnsafeMutableRawBufferPointer(rebasing: frame[..<(header + size)])
    unsafe patch(unsafe whole, context, insertions, isLast: segmented + size == payload)
    segmented += size
    return UnsafeRawBufferPointer(whole)
  }

  /// Makes the copied headers those of this segment.
  private func patch(
    _ frame: UnsafeMutableRawBufferPointer, _ context: E1000TransmitContext, _ insertions: E1000Insertions, isLast: Bool
  ) {
    let (network, transport) = (Int(context.network.start), Int(context.transport.start))
    let index = segmented / Int(context.segmentSize)
    if context.isIPv4 {
      unsafe Self.store(UInt16(truncatingIfNeeded: frame.count - network), at: network + 2, in: unsafe frame)
      let identification = unsafe Self.load(at: network + 4, in: unsafe frame) &+ UInt16(truncatingIfNeeded: index)
      unsafe Self.store(identification, at: network + 4, in: unsafe frame)
    } else {
      unsafe Self.store(UInt16(truncatingIfNeeded: frame.count - network - 40), at: network + 4, in: unsafe frame)
    }
    let transportLength = UInt16(truncatingIfNeeded: frame.count - transport)
    if context.isTCP {
      let high = unsafe UInt32(Self.load(at: transport + 4, in: unsafe frame))
      let sequence = unsafe (high << 16 | UInt32(Self.load(at: transport + 6, in: unsafe frame))) &+ UInt32(segmented)
      unsafe Self.store(UInt16(truncatingIfNeeded: sequence >> 16), at: transport + 4, in: unsafe frame)
      unsafe Self.store(UInt16(truncatingIfNeeded: sequence), at: transport + 6, in: unsafe frame)
      // PSH and FIN belong to the last segment.
      if !isLast { unsafe frame[transport + 13] &= ~0x09 }
    } else {
      unsafe Self.store(transportLength, at: transport + 4, in: unsafe frame)
    }
    if insertions.contains(.network) { unsafe Self.insert(context.network, into: frame) }
    guard insertions.contains(.transport) else { return }
    unsafe addLength(transportLength, to: context.transport, in: unsafe frame)
    unsafe Self.insert(context.transport, into: frame)
  }

  /// The driver left the sum of the pseudo header without the length, which differs by segment.
  private func addLength(
    _ length: UInt16, to checksum: E1000TransmitContext.Checksum, in frame: UnsafeMutableRawBufferPointer
  ) {
    let place = Int(checksum.offset)
    guard place + 2 <= frame.count else { return }
    let sum = unsafe UInt64(Self.load(at: place, in: unsafe frame)) + UInt64(length)
    unsafe Self.store(~InternetChecksum.finish(sum), at: place, in: unsafe frame)
  }

  private static func load(at offset: Int, in frame: UnsafeMutableRawBufferPointer) -> UInt16 {
    unsafe UInt16(bigEndian: frame.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  private static func store(_ value: UInt16, at offset: Int, in frame: UnsafeMutableRawBufferPointer) {
    unsafe frame.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }
}
