import Glibc
import LinuxSystem
import Runner

/// `qualify.log`: what was done when, a line each, for people.
struct QualificationLog {
  static let fileName = "qualify.log"
  let path: String

  /// Adds a line. A log that cannot be written holds nothing up: the journal is what counts.
  func say(_ line: String) {
    let file = try? Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
    try? file?.writeAll(Array("\(WallClock.now.text) \(line.oneLine)\n".utf8))
  }
}
