import CArchive

/// A frame that Zstandard compressed (RFC 8878), unfolded by libarchive, which this program needs anyway.
enum Zstandard {
  /// Unfolds the first frame of the bytes; what follows it, up to the end of a sector, is not looked at.
  /// - Returns: whether all of the room was filled.
  static func unfold(_ bytes: [UInt8], into room: UnsafeMutableRawBufferPointer) -> Bool {
    // The library would take what follows for another frame.
    guard let count = frameSize(bytes) else { return false }
    guard let archive = unsafe archive_read_new() else { return false }
    defer { unsafe archive_read_free(archive) }
    guard unsafe archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
      unsafe archive_read_support_format_raw(archive) == ARCHIVE_OK
    else { return false }
    return unsafe bytes.withUnsafeBytes { input in
      guard unsafe archive_read_open_memory(archive, input.baseAddress, count) == ARCHIVE_OK else { return false }
      var entry: OpaquePointer?
      guard unsafe archive_read_next_header(archive, &entry) == ARCHIVE_OK else { return false }
      var done = 0
      while done < room.count {
        let moved = unsafe archive_read_data(archive, room.baseAddress! + done, room.count - done)
        if moved <= 0 { return false }
        done += moved
      }
      return true
    }
  }

  /// Bytes of the first frame, by the sizes of its blocks (RFC 8878 §3.1.1); nil where it does not end in the bytes.
  private static func frameSize(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 5, bytes.little(UInt32.self, at: 0) == 0xFD2F_B528 else { return nil }
    let descriptor = bytes[4]
    let isSingle = descriptor & 0x20 != 0
    let contentSize = [isSingle ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
    var position = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][Int(descriptor & 3)] + contentSize
    while position + 3 <= bytes.count {
      let head = Int(bytes[position]) | Int(bytes[position + 1]) << 8 | Int(bytes[position + 2]) << 16
      // A block of one byte over and over has only that.
      position += 3 + (head >> 1 & 3 == 1 ? 1 : head >> 3)
      if head & 1 != 0 {
        position += descriptor & 4 != 0 ? 4 : 0
        return position <= bytes.count ? position : nil
      }
    }
    return nil
  }
}
