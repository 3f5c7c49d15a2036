import LinuxSystem
import Synchronization

/// Standard error as one stream: lines that stay, and on a terminal one line below them that changes.
enum Messages {
  private static let live = Mutex("")

  /// Clears what stands on the terminal's last line.
  private static let cleared = "\r\u{1b}[K"

  /// Writes a line that stays, above the one that changes.
  static func line(_ text: String) {
    _ = StandardOutput.flush()
    live.withLock { live in
      StandardError.write(live.isEmpty ? "\(text)\n" : "\(cleared)\(text)\n\(live)")
    }
  }

  /// Writes the line that changes anew; for terminals only.
  static func change(_ text: String) {
    live.withLock { live in
      live = text
      StandardError.write(cleared + text)
    }
  }

  /// Ends the line that changes, where there is one: what comes next may be another stream's.
  static func settle() {
    live.withLock { live in
      if !live.isEmpty { StandardError.write(cleared) }
      live = ""
    }
  }
}
