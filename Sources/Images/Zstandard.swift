import CArchive

/// A frame that Zstandard compressed (RFC 8878), unfolded by libarchive, which this program needs anyway.
enum Zstandard {
  /// Unfolds the first frame of the bytes; what follows it, up to the end of a sector, is not looked at.
  /// - Returns: whether all of the room was filled.
  static func unfold(_ bytes: [UInt8], into room: UnsafeMutableRawBufferPointer) -> Bool {
    guard let archive = unsafe archive_read_new() else { return false }
    defer { unsafe archive_read_free(archive) }
    guard unsafe archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
      unsafe archive_read_support_format_raw(archive) == ARCHIVE_OK
    else { return false }
    return unsafe bytes.withUnsafeBytes { input in
      guard unsafe archive_read_open_memory(archive, input.baseAddress, input.count) == ARCHIVE_OK else { return false }
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
}
