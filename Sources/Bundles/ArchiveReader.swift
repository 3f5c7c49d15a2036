import CArchive

/// Unpacks a tar.zst into memory. The archive comes from a stranger: only plain files with plain names inside the archive's
/// own tree, each once, and no more bytes than a bundle can have.
enum ArchiveReader {
  /// Most bytes of all files together, of which a small archive could claim any number.
  static let mostBytes = 256 << 20
  /// Most bytes of one file: whoever parses it takes several times as much.
  static let mostBytesOfFile = 64 << 20
  static let mostFiles = 4096
  /// What every Zstandard frame begins with (RFC 8878 §3.1.1).
  static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]

  /// Unpacks; stops at the first thing that is wrong.
  static func unpack(_ bytes: [UInt8]) throws(ArchiveProblem) -> [String: [UInt8]] {
    guard let archive = unsafe archive_read_new() else { throw ArchiveProblem("out of memory") }
    defer { _ = unsafe archive_read_free(archive) }
    var outcome: Result<[String: [UInt8]], ArchiveProblem> = .success([:])
    unsafe bytes.withUnsafeBytes { buffer in
      // The library reads `buffer` until it is freed or stops being asked, which is inside this closure.
      do throws(ArchiveProblem) {
        for status in unsafe [
          archive_read_support_filter_zstd(archive), archive_read_support_format_tar(archive),
          archive_read_open_memory(archive, buffer.baseAddress, buffer.count),
        ] where status != ARCHIVE_OK { throw ArchiveProblem("cannot be unpacked: \(unsafe message(archive))") }
        outcome = .success(unsafe try entries(archive))
      } catch { outcome = .failure(error) }
    }
    return try outcome.get()
  }

  private static func entries(_ archive: OpaquePointer) throws(ArchiveProblem) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    var left = mostBytes
    while true {
      var entry: OpaquePointer?
      let status = unsafe archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return files }
      guard status == ARCHIVE_OK, let entry = unsafe entry else {
        throw ArchiveProblem("cannot be unpacked after \(files.count) files: \(unsafe message(archive))")
      }
      let name = try unsafe name(of: entry)
      guard files[name] == nil else { throw ArchiveProblem("\(name) is there twice") }
      guard files.count < mostFiles else { throw ArchiveProblem("more than \(mostFiles) files") }
      guard unsafe archive_entry_size_is_set(entry) != 0, let size = Int(exactly: unsafe archive_entry_size(entry)),
        size >= 0, size <= left
      else { throw ArchiveProblem("\(name) and what comes before it are more than \(mostBytes >> 20) MiB") }
      guard size <= mostBytesOfFile else { throw ArchiveProblem("\(name) is more than \(mostBytesOfFile >> 20) MiB") }
      files[name] = try unsafe content(archive, name, size)
      left -= size
    }
  }

  private static func name(of entry: OpaquePointer) throws(ArchiveProblem) -> String {
    guard let text = unsafe archive_entry_pathname(entry) else { throw ArchiveProblem("a file without a name") }
    let name = unsafe String(cString: text)
    guard ArchiveName.isSafe(name) else {
      throw ArchiveProblem("a file with a name that leads elsewhere, or is no plain one: \(name.debugDescription)")
    }
    guard unsafe archive_entry_filetype(entry) == nm_archive_regular, unsafe archive_entry_hardlink(entry) == nil,
      unsafe archive_entry_symlink(entry) == nil
    else { throw ArchiveProblem("\(name) is no plain file: links, folders and devices are refused") }
    // What a bundle's maker writes, so that nothing is hidden in what nobody reads.
    guard unsafe archive_entry_mtime(entry) == 0, unsafe archive_entry_uid(entry) == 0,
      unsafe archive_entry_gid(entry) == 0, unsafe archive_entry_perm(entry) == 0o644
    else { throw ArchiveProblem("\(name) has a time, an owner or permissions that no bundle is made with") }
    return name
  }

  private static func content(
    _ archive: OpaquePointer, _ name: String, _ size: Int
  ) throws(ArchiveProblem) -> [UInt8] {
    // The stated size is a stranger's: memory follows what really comes.
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: min(max(size, 1), 1 << 20))
    while true {
      let count = unsafe piece.withUnsafeMutableBytes {
        unsafe archive_read_data(archive, $0.baseAddress, $0.count)
      }
      guard count >= 0 else { throw ArchiveProblem("\(name) cannot be unpacked: \(unsafe message(archive))") }
      if count == 0 { break }
      guard content.count + count <= size else { throw ArchiveProblem("\(name) is longer than it says") }
      content += piece[..<count]
    }
    guard content.count == size else { throw ArchiveProblem("\(name) is shorter than it says") }
    return content
  }

  private static func message(_ archive: OpaquePointer) -> String {
    unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? "no reason was given"
  }
}

/// What is wrong with an archive.
struct ArchiveProblem: Error, Equatable {
  let text: String

  init(_ text: String) { self.text = text }
}
