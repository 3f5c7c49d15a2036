import ProbeABI

/// What the frames of the net workloads look like, on every wire and on both ends of it.
///
/// A frame carries one or more records. Plain frames have the local experimental EtherType 0x88B5 (IEEE 802-2014 §9.2.2) and
/// one record that fills the rest. Large frames are a TCP segment in IPv4, which devices and kernels know how to cut into frames
/// of `segment` bytes of payload each; every `segment` bytes are a record of their own, so that it does not matter whether
/// and where the frame was cut.
enum NetFrame {
  /// Bytes of an Ethernet header.
  static var ethernetHeader: Int { Int(NM_NET_ETHERNET_HEADER) }
  /// Bytes of the headers of a large frame: Ethernet, IPv4 and TCP without options.
  static var largeHeader: Int { 54 }
  /// The EtherType of plain frames.
  static var etherType: UInt16 { 0x88b5 }
  /// The port, source and destination, of large frames: one that IANA keeps for experiments (RFC 4727).
  static var port: UInt16 { 1021 }
  /// Bytes of payload of a TCP segment, and so of a record, in a large frame: an MTU of 1500.
  static var segment: Int { 1460 }
  /// Most records of a large frame: as many segments as an IPv4 packet has room for.
  static var largestRecords: Int { 44 }
  /// Bytes of the largest frame.
  static var largest: Int { largeHeader + largestRecords * segment }
  /// Bytes of the smallest frame: Ethernet's least, without its frame check sequence.
  static var smallest: Int { 60 }
  /// Bytes of the largest plain frame.
  static var largestPlain: Int { Int(NM_NET_PLAIN_FRAME) }
  /// Bytes of a control frame.
  static var control: Int { ethernetHeader + NetRecord.header + 8 * NetReport.words }
  /// The address of every far end: locally administered.
  static var farAddress: UInt64 { 0x0000_0000_4d4e_0002 | 0x0100_0000_0000 }

  /// Where a frame's records are.
  struct Records: BitwiseCopyable {
    /// Bytes from the frame's start to the first record.
    var start: Int
    /// Bytes of each.
    var length: Int
    var count: Int
  }

  /// Finds the records of a frame; nil for one that is not of this protocol.
  /// - Parameter count: bytes of the frame, all of which may be read.
  @unsafe @inline(__always)
  static func records(_ frame: UnsafeRawPointer, count: Int) -> Records? {
    guard count >= smallest else { return nil }
    let type = unsafe frame.loadUnaligned(fromByteOffset: 12, as: UInt16.self)
    if type == etherType.bigEndian {
      return Records(start: ethernetHeader, length: count &- ethernetHeader, count: 1)
    }
    guard type == UInt16(0x0800).bigEndian, count >= largeHeader &+ segment else { return nil }
    let protocolAndPorts = unsafe (
      frame.load(fromByteOffset: 23, as: UInt8.self), frame.loadUnaligned(fromByteOffset: 34, as: UInt16.self),
      frame.loadUnaligned(fromByteOffset: 36, as: UInt16.self)
    )
    guard protocolAndPorts == (6, port.bigEndian, port.bigEndian) else { return nil }
    return Records(start: largeHeader, length: segment, count: (count &- largeHeader) / segment)
  }

  /// Writes the Ethernet header of a plain frame. Addresses are six bytes, the first one lowest.
  @unsafe @inline(__always)
  static func writeHeader(_ frame: UnsafeMutableRawPointer, to: UInt64, from: UInt64) {
    unsafe frame.storeBytes(of: to & 0xffff_ffff_ffff | from &<< 48, as: UInt64.self)
    unsafe frame.storeBytes(of: UInt32(truncatingIfNeeded: from &>> 16), toByteOffset: 8, as: UInt32.self)
    unsafe frame.storeBytes(of: etherType.bigEndian, toByteOffset: 12, as: UInt16.self)
  }

  /// Writes the headers of a large frame, with the checksum of its TCP header left to whoever cuts it: the field holds the
  /// sum of the pseudo header (virtio 1.2 §5.1.6.2).
  @unsafe
  static func writeLargeHeader(_ frame: UnsafeMutableRawPointer, to: UInt64, from: UInt64, records: Int) {
    let length = largeHeader - ethernetHeader + records * segment
    unsafe writeHeader(frame, to: to, from: from)
    func store(_ value: UInt16, _ offset: Int) {
      unsafe frame.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }
    store(0x0800, 12)
    store(0x4500, 14)
    store(UInt16(truncatingIfNeeded: length), 16)
    store(0, 18)
    store(0x4000, 20)
    store(0x4006, 22)
    store(0, 24)
    // 192.0.2.1 and 192.0.2.2: addresses for documentation (RFC 5737), which nothing routes.
    let addresses: [4 of UInt16] = [0xc000, 0x0201, 0xc000, 0x0202]
    for index in 0..<4 { store(addresses[index], 26 + 2 * index) }
    var sum: UInt32 = 0
    for offset in stride(from: 14, to: 34, by: 2) {
      sum += UInt32(UInt16(bigEndian: unsafe frame.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    }
    store(~folded(sum), 24)
    store(port, 34)
    store(port, 36)
    for offset in stride(from: 38, to: 46, by: 2) { store(0, offset) }
    store(0x5010, 46)
    store(0xffff, 48)
    var pseudo: UInt32 = 6 + UInt32(length - 20)
    for index in 0..<4 { pseudo += UInt32(addresses[index]) }
    store(folded(pseudo), 50)
    store(0, 52)
  }

  private static func folded(_ sum: UInt32) -> UInt16 {
    let once = (sum & 0xffff) + (sum >> 16)
    return UInt16(truncatingIfNeeded: (once & 0xffff) + (once >> 16))
  }

  /// How a device is told of a frame that was written with `writeLargeHeader`.
  static func largeFrame(records: Int) -> nm_net_frame {
    var frame = unsafe nm_net_frame()
    unsafe frame.length = UInt32(largeHeader + records * segment)
    unsafe frame.flags = UInt16(NM_FRAME_NEEDS_CHECKSUM)
    if records > 1 {
      unsafe frame.header_length = UInt16(largeHeader)
      unsafe frame.segment_size = UInt16(segment)
    }
    unsafe frame.checksum_start = 34
    unsafe frame.checksum_offset = 16
    return unsafe frame
  }
}
