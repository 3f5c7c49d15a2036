import LinuxSystem

/// A job file of fio's (fio(1)), made fit for a leg: its jobs work on the leg's disk.
enum FioJobFile {
  /// Bytes of the longest.
  private static let most = 64 << 10

  /// What names files: the disk's name is the harness's to say, since it is another one on each side.
  private static let refused = ["filename", "filename_format", "directory", "opendir"]

  /// Says which disk.
  private static let head = "[global]\nfilename=${NEARMETAL_DISK}\n\n"

  /// Reads a job file.
  /// - Throws: ``GuestError/input(_:)`` with the line that it cannot be used for.
  static func read(_ path: String) throws(GuestError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path, limit: most) } catch { throw .input(error.description) }
    return try fitted(bytes, path: path)
  }

  static func fitted(_ bytes: [UInt8], path: String) throws(GuestError) -> [UInt8] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .input("\(path): expected a job file of fio's, found bytes that are no text")
    }
    var jobs = 0
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.trimmed
      if line.hasPrefix("["), line != "[global]" { jobs += 1 }
      let name = line.prefix { $0 != "=" && !$0.isWhitespace }
      if refused.contains(String(name)) {
        throw .input(
          "\(path):\(number + 1): expected jobs without \(name), found one: they work on the leg's disk, whose name is told to them"
        )
      }
      if name == "include" {
        throw .input("\(path):\(number + 1): expected all jobs in one file, found include: a guest has no other")
      }
    }
    guard jobs > 0 else { throw .input("\(path): expected a job file of fio's, found no [job] in it") }
    return Array(head.utf8) + bytes
  }
}
