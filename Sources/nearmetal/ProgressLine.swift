import Glibc
import LinuxSystem
import Runner
import Synchronization

/// Progress on standard error: one line that changes on a terminal, a line every few seconds elsewhere.
final class ProgressLine: Sendable {
  private let isTerminal = isatty(2) == 1
  private let lastLine = Mutex<Double>(-10)
  /// Seconds between plain lines.
  private static let interval = 5.0

  /// Whether somebody looks on.
  static var isUseful: Bool { isatty(2) == 1 }

  var progress: Runner.Progress { Runner.Progress { [self] in show($0) } }

  /// Ends the changing line.
  func finish() {
    if isTerminal { write("\r\u{1b}[K") }
  }

  private func show(_ step: Runner.Progress.Step) {
    let left = step.remaining.map { ", \(Self.time($0)) left" } ?? ""
    let text = "\(step.done) of \(step.total) \(step.unit)\(left): \(step.next)".printable
    if isTerminal {
      write("\r\u{1b}[K\(text)")
    } else if lastLine.withLock({ last in
      guard step.elapsed - last >= Self.interval else { return false }
      last = step.elapsed
      return true
    }) {
      write("\(text)\n")
    }
  }

  private func write(_ text: String) {
    StandardError.write(text)
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 100 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}
