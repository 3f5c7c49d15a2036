import Glibc
import Runner

/// `qualify.log`: what was done when, a line each, for people.
struct QualificationLog {
  static let fileName = "qualify.log"
  let path: String

  /// Adds a line. A log that cannot be written holds nothing up: the journal is what counts.
  func say(_ line: String) {
    let text = Array("\(WallClock.now.text) \(line.split(whereSeparator: \.isNewline).joined(separator: " "))\n".utf8)
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    defer { _ = close(descriptor) }
    _ = unsafe text.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
  }
}
