import CArchive

/// Packs files into a tar.zst. The same files always give the same bytes: sorted by name, without times, owners or padding.
enum ArchiveWriter {
  /// Zstandard's level; part of what makes the bytes the same.
  private static let level = "12"

  static func pack(_ files: [String: [UInt8]]) throws(BundleError) -> [UInt8] {
    guard let archive = unsafe archive_write_new() else { throw .usage("cannot pack: out of memory") }
    defer { _ = unsafe archive_write_free(archive) }
    let content = files.values.reduce(0) { $0 + $1.count }
    // More than tar and Zstandard can make of it: headers, padding, and what does not compress.
    var buffer = [UInt8](repeating: 0, count: content + content / 64 + files.count * 4096 + (1 << 20))
    var used = 0
    var failure: String?
    unsafe buffer.withUnsafeMutableBytes { bytes in
      // The library writes to `bytes` and `used` until it is closed, which is before both end.
      unsafe withUnsafeMutablePointer(to: &used) { used in
        let steps: [() -> Int32] = [
          { unsafe archive_write_set_format_pax_restricted(archive) },
          { unsafe archive_write_add_filter_zstd(archive) },
          { unsafe archive_write_set_filter_option(archive, "zstd", "compression-level", level) },
          { unsafe archive_write_set_bytes_in_last_block(archive, 1) },
          { unsafe archive_write_open_memory(archive, bytes.baseAddress, bytes.count, used) },
        ]
        for step in steps where failure == nil && step() != ARCHIVE_OK { failure = unsafe message(archive) }
        for (name, content) in files.sorted(by: { $0.key < $1.key }) where failure == nil {
          if unsafe !add(name, content, to: archive) { failure = "\(name): \(unsafe message(archive))" }
        }
        if failure == nil, unsafe archive_write_close(archive) != ARCHIVE_OK { failure = unsafe message(archive) }
      }
    }
    if let failure { throw .usage("cannot pack: \(failure)") }
    return Array(buffer.prefix(used))
  }

  private static func add(_ name: String, _ content: [UInt8], to archive: OpaquePointer) -> Bool {
    guard let entry = unsafe archive_entry_new() else { return false }
    defer { unsafe archive_entry_free(entry) }
    unsafe archive_entry_set_pathname(entry, name)
    unsafe archive_entry_set_size(entry, Int64(content.count))
    unsafe archive_entry_set_filetype(entry, nm_archive_regular)
    unsafe archive_entry_set_perm(entry, 0o644)
    unsafe archive_entry_set_mtime(entry, 0, 0)
    guard unsafe archive_write_header(archive, entry) == ARCHIVE_OK else { return false }
    let written = unsafe content.withUnsafeBytes { unsafe archive_write_data(archive, $0.baseAddress, $0.count) }
    return written == content.count
  }

  private static func message(_ archive: OpaquePointer) -> String {
    unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? "no reason was given"
  }
}
