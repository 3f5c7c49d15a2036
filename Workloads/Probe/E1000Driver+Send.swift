import CProbe
import ProbeABI

/// Bits and fields of transmit descriptors (§3.3).
private enum Field {
  static var endOfPacket: UInt64 { 1 << 24 }
  static var insertCheckSequence: UInt64 { 1 << 25 }
  static var segment: UInt64 { 1 << 26 }
  static var reportStatus: UInt64 { 1 << 27 }
  static var extended: UInt64 { 1 << 29 }
  static var data: UInt64 { 1 << 20 }
  static var done: UInt8 { 1 }
  // Of a data descriptor: checksums to insert.
  static var networkChecksum: UInt64 { 1 << 40 }
  static var transportChecksum: UInt64 { 1 << 41 }
  // Of a context descriptor: what the packet is.
  static var tcp: UInt64 { 1 << 24 }
  static var ipv4: UInt64 { 1 << 25 }
  /// Bytes that one descriptor names, fewer than controllers and models take.
  static var piece: UInt64 { 16384 }
  /// Most descriptors of a frame: context, headers, and the pieces of the longest payload.
  static var most: UInt32 { 2 + 5 }
}

extension E1000Driver {
  /// Most bytes of a frame.
  var maximum: UInt32 { hasOffloads ? NM_NET_LARGE_FRAME : NM_NET_PLAIN_FRAME }

  @inline(__always)
  private func descriptor(_ position: UInt32) -> UnsafeMutableRawPointer {
    let index = UInt64(position & (Self.sendCount &- 1))
    return UnsafeMutableRawPointer(bitPattern: UInt(sendRing &+ index &* Self.descriptorSize)).unsafelyUnwrapped
  }

  @inline(__always)
  private mutating func add(_ first: UInt64, _ second: UInt64) {
    let place = descriptor(sendTail)
    nm_store64(place, first)
    nm_store64(place + 8, second)
    sendTail &+= 1
  }

  /// Puts a frame into the ring. Returns a negative errno for one that is not taken.
  @inline(__always)
  mutating func send(_ frame: nm_net_frame) -> Int32 {
    guard !isBroken else { return -5 }
    guard UInt32(frame.tag) < Self.depth else { return -22 }
    guard !isBusy[Int(frame.tag)], Self.sendCount &- (sendTail &- sendHead) > Field.most else { return -11 }
    let plain: UInt16 = 0
    if frame.flags & UInt16(NM_FRAME_NEEDS_CHECKSUM) == plain, frame.segment_size == 0 {
      guard frame.length >= NM_NET_ETHERNET_HEADER, frame.length <= NM_NET_PLAIN_FRAME else { return -90 }
      add(
        UInt64(UInt(bitPattern: frame.data)),
        UInt64(frame.length) | Field.endOfPacket | Field.insertCheckSequence | Field.reportStatus)
    } else {
      let status = sendOffloaded(frame)
      guard status == 0 else { return status }
    }
    isBusy[Int(frame.tag)] = true
    flights[Int(lastFlight & 255)] = UInt64(frame.tag) << 32 | UInt64(sendTail &- 1)
    lastFlight &+= 1
    return 0
  }

  /// A frame that the controller finishes (§3.3.6, §3.3.7).
  @inline(never)
  private mutating func sendOffloaded(_ frame: nm_net_frame) -> Int32 {
    guard hasOffloads else { return -95 }
    let start = UInt64(frame.checksum_start)
    let place = start &+ UInt64(frame.checksum_offset)
    guard frame.flags & UInt16(NM_FRAME_NEEDS_CHECKSUM) != 0, start >= 14, place &+ 2 <= UInt64(frame.length),
      place < 255
    else { return -22 }
    if frame.segment_size != 0 { return sendSegments(frame, start: start, place: place) }
    guard frame.length >= NM_NET_ETHERNET_HEADER, frame.length <= NM_NET_PLAIN_FRAME else { return -90 }
    use((start << 32 | place << 40, Field.extended))
    add(
      UInt64(UInt(bitPattern: frame.data)),
      UInt64(frame.length) | Field.data | Field.endOfPacket | Field.insertCheckSequence | Field.reportStatus
        | Field.extended | Field.transportChecksum)
    return 0
  }

  /// Gives the controller a context, unless it is the one that it has.
  private mutating func use(_ wanted: (UInt64, UInt64)) {
    guard wanted != context else { return }
    add(wanted.0, wanted.1)
    context = wanted
  }

  /// A frame that the controller cuts (§3.5). It wants the headers without lengths: they are copied, so that the caller's stay.
  private mutating func sendSegments(_ frame: nm_net_frame, start: UInt64, place: UInt64) -> Int32 {
    let header = UInt64(frame.header_length)
    let length = UInt64(frame.length)
    guard length <= UInt64(maximum), header <= Self.slotSize, header < length, start >= 34, start &+ 20 <= header,
      place == start &+ 16
    else { return -90 }
    let slot = slots &+ UInt64(frame.tag) &* Self.slotSize
    guard let data = frame.data, copyHeaders(data, Int(header), to: slot, transport: Int(start)) else { return -95 }
    let network: UInt64 = 14 | 24 << 8 | (start &- 1) << 16
    use(
      (
        network | start << 32 | place << 40,
        length &- header | Field.tcp | Field.ipv4 | Field.segment | Field.extended | header << 40
          | UInt64(frame.segment_size) << 48
      ))
    let common =
      Field.data | Field.insertCheckSequence | Field.segment | Field.extended | Field.networkChecksum
      | Field.transportChecksum
    add(slot, header | common)
    var position = header
    while position < length {
      let count = min(Field.piece, length &- position)
      let isLast = position &+ count == length
      add(
        UInt64(UInt(bitPattern: data)) &+ position,
        count | common | (isLast ? Field.endOfPacket | Field.reportStatus : 0))
      position &+= count
    }
    return 0
  }

  /// Copies Ethernet, IPv4 and TCP headers: no total length, no header checksum, and of the pseudo header all but the length.
  /// - Returns: false for what is not IPv4.
  private func copyHeaders(
    _ data: UnsafeMutableRawPointer, _ count: Int, to slot: UInt64, transport: Int
  ) -> Bool {
    guard nm_load16(data + 12) == UInt16(0x0800).bigEndian else { return false }
    let target = UnsafeMutableRawPointer(bitPattern: UInt(slot)).unsafelyUnwrapped
    target.copyMemory(from: data, byteCount: count)
    nm_store16(target + 16, 0)
    nm_store16(target + 24, 0)
    let protocolTCP: UInt32 = 6
    var sum = protocolTCP
    for offset in stride(from: 26, to: 34, by: 2) { sum &+= UInt32(nm_load16(target + offset).bigEndian) }
    sum = (sum & 0xffff) &+ sum >> 16
    sum = (sum & 0xffff) &+ sum >> 16
    nm_store16(target + (transport + 16), UInt16(truncatingIfNeeded: sum).bigEndian)
    return true
  }

  /// Shows the controller what was sent: one register write for all of it.
  @inline(__always)
  mutating func kick() {
    guard sendShown != sendTail else { return }
    sendShown = sendTail
    registers.write(E1000Registers.transmitRing &+ E1000Registers.ringTail, sendTail & (Self.sendCount &- 1))
  }

  /// Takes the tags of frames that left; with `wait`, sleeps until one has, or the device's deadline has passed.
  @inline(__always)
  mutating func sent(_ tags: UnsafeMutablePointer<UInt16>, _ limit: UInt32, wait: Bool) -> UInt32 {
    let count = harvest(tags, limit)
    guard wait, count == 0, firstFlight != lastFlight, !isBroken else { return count }
    sleepUntilSent()
    return harvest(tags, limit)
  }

  /// Whether the oldest frame has left.
  var hasSent: Bool {
    @inline(__always) get {
      guard firstFlight != lastFlight else { return false }
      let last = UInt32(truncatingIfNeeded: flights[Int(firstFlight & 255)])
      return nm_load8(descriptor(last) + 12) & Field.done != 0
    }
  }

  @inline(__always)
  private mutating func harvest(_ tags: UnsafeMutablePointer<UInt16>, _ limit: UInt32) -> UInt32 {
    var count: UInt32 = 0
    while count < limit, hasSent {
      let flight = flights[Int(firstFlight & 255)]
      firstFlight &+= 1
      let tag = UInt16(truncatingIfNeeded: flight >> 32)
      isBusy[Int(tag)] = false
      sendHead = UInt32(truncatingIfNeeded: flight) &+ 1
      tags[Int(count)] = tag
      count &+= 1
    }
    return count
  }
}
