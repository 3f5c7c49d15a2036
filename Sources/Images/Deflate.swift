import CZlib

/// Data that Deflate compressed (RFC 1951), bare, in zlib's wrapping (RFC 1950) or in gzip's (RFC 1952), whose checksums are checked.
/// Never more comes out than there is room for.
package enum Deflate {
  package enum Wrapping {
    /// Nothing around it: qcow2.
    case raw
    /// Two bytes before and a checksum behind: VMDK.
    case zlib
    /// A head with a name and a time, a checksum and the length behind it: what gzip(1) makes.
    case gzip

    /// As inflateInit2 has it: 16 more stand for gzip.
    fileprivate var windowBits: Int32 {
      switch self {
      case .raw: -15
      case .zlib: 15
      case .gzip: 31
      }
    }
  }

  /// Unfolds bytes that are whole.
  /// - Parameter most: bytes that may come out.
  /// - Returns: nil where the bytes are not what they should be, go on behind their end, or more comes out.
  package static func unfold(_ bytes: [UInt8], most: Int, _ wrapping: Wrapping) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard !bytes.isEmpty, most > 0, unsafe nm_inflate_init(&stream, wrapping.windowBits) == Z_OK else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var (input, isWhole) = (bytes, false)
    let unfolded = unsafe [UInt8](unsafeUninitializedCapacity: most) { output, count in
      unsafe input.withUnsafeMutableBytes { input in
        unsafe stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.avail_in = UInt32(clamping: input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(clamping: most)
        isWhole = unsafe inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
      }
      count = unsafe most - Int(stream.avail_out)
    }
    return isWhole ? unfolded : nil
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
