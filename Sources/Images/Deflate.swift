import CZlib

/// Data that Deflate compressed (RFC 1951), bare or in zlib's wrapping (RFC 1950). Never more comes out than there is room for.
enum Deflate {
  enum Wrapping {
    /// Nothing around it: qcow2.
    case raw
    /// Two bytes before and a checksum behind: VMDK.
    case zlib

    fileprivate var windowBits: Int32 { self == .raw ? -15 : 15 }
  }

  /// Unfolds the beginning of the bytes.
  /// - Returns: how much of the room was filled; nil where the bytes are not what they should be.
  static func unfold(_ bytes: [UInt8], into room: UnsafeMutableRawBufferPointer, _ wrapping: Wrapping) -> Int? {
    var stream = unsafe z_stream()
    guard unsafe nm_inflate_init(&stream, wrapping.windowBits) == Z_OK else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var bytes = bytes
    return unsafe bytes.withUnsafeMutableBytes { input in
      unsafe stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_in = UInt32(input.count)
      unsafe stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = UInt32(room.count)
      let code = unsafe inflate(&stream, Z_FINISH)
      // A stream that goes on where the room ends is cut off there.
      let isFull = unsafe stream.avail_out == 0 && code != Z_DATA_ERROR
      return unsafe code == Z_STREAM_END || isFull ? room.count - Int(stream.avail_out) : nil
    }
  }

  /// Folds the bytes in zlib's wrapping; nil where there is no memory for it.
  static func fold(_ bytes: UnsafeRawBufferPointer, _ wrapping: Wrapping) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe nm_deflate_init(&stream, Z_DEFAULT_COMPRESSION, wrapping.windowBits) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    let room = Int(unsafe deflateBound(&stream, UInt(bytes.count)))
    var ended = false
    let folded = unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
      unsafe stream.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      unsafe stream.avail_in = UInt32(bytes.count)
      unsafe stream.next_out = output.baseAddress
      unsafe stream.avail_out = UInt32(room)
      ended = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
      count = unsafe room - Int(stream.avail_out)
    }
    return ended ? folded : nil
  }
}
