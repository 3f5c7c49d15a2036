import ProbeABI

/// What stands before every frame in a queue: `struct virtio_net_hdr` with its last field, 12 bytes (virtio 1.2 §5.1.6).
enum VirtioNetHeader {
  static var size: UInt32 { 12 }
  private static var needsChecksum: UInt8 { 1 }
  private static var checksumIsValid: UInt8 { 2 }
  private static var tcp4: UInt8 { 1 }

  /// Writes the header of a frame that is sent.
  @inline(__always)
  static func fill(_ address: UInt64, _ frame: nm_net_frame) {
    let header = UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
    var first: UInt64 = 0
    var rest: UInt32 = 0
    if frame.flags & UInt16(NM_FRAME_NEEDS_CHECKSUM) != 0 {
      first = UInt64(needsChecksum) | UInt64(frame.checksum_start) << 48
      rest = UInt32(frame.checksum_offset)
    }
    if frame.segment_size != 0 {
      first |= UInt64(tcp4) << 8 | UInt64(frame.header_length) << 16 | UInt64(frame.segment_size) << 32
    }
    nm_store64(header, first)
    nm_store32(header + 8, rest)
  }

  /// Reads the header of a frame that was received into the fields of the frame.
  /// - Returns: the buffers that the frame takes up, as the device says.
  @inline(__always)
  static func read(_ address: UInt64, into frame: inout nm_net_frame) -> UInt16 {
    let header = UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
    let first = nm_load64(header)
    let rest = nm_load32(header + 8)
    let flags = UInt8(truncatingIfNeeded: first)
    if flags & needsChecksum != 0 {
      frame.flags = UInt16(NM_FRAME_NEEDS_CHECKSUM)
      frame.checksum_start = UInt16(truncatingIfNeeded: first >> 48)
      frame.checksum_offset = UInt16(truncatingIfNeeded: rest)
    } else if flags & checksumIsValid != 0 {
      frame.flags = UInt16(NM_FRAME_CHECKSUM_VALID)
    }
    if UInt8(truncatingIfNeeded: first >> 8) & 0x7f == tcp4 {
      frame.header_length = UInt16(truncatingIfNeeded: first >> 16)
      frame.segment_size = UInt16(truncatingIfNeeded: first >> 32)
    }
    return UInt16(truncatingIfNeeded: rest >> 16)
  }
}
