import LinuxSystem
import Results

/// Textual encoding of keys (RFC 7468).
enum PEM {
  static func encode(_ bytes: [UInt8], label: String) -> String {
    let text = Base64.encode(bytes)
    let lines = stride(from: 0, to: text.utf8.count, by: 64).map { text.dropFirst($0).prefix(64) }
    return "-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n"
  }

  /// Nil where the text is not one block of this label.
  static func decode(_ bytes: [UInt8], label: String) -> [UInt8]? {
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.count >= 3, lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----" else {
      return nil
    }
    return Base64.decode(lines[1..<lines.count - 1].joined())
  }

  static func read(_ path: String, label: String, what: String) throws(BundleError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    guard let content = decode(bytes, label: label) else {
      throw .usage("\(path): expected \(what) in PEM (-----BEGIN \(label)-----), found something else")
    }
    return content
  }
}
