import Foundation
import LinuxSystem
import Reports
import Runner
import Synchronization

/// Progress on standard error: one line that changes on a terminal, a line every ten seconds elsewhere.
final class ProgressLine: Sendable {
  /// Seconds between plain lines.
  private static let interval = 10.0

  private let columns = Terminal.columns(of: 2)
  private let isUnicode = TerminalStyle(environment: ProcessInfo.processInfo.environment, columns: nil).isUnicode
  private let lastLine = Mutex<Double>(-interval)

  /// Whether somebody looks on.
  static var isUseful: Bool { Terminal.columns(of: 2) != nil }

  var progress: Runner.Progress { Runner.Progress { [self] in show($0) } }

  /// Ends the changing line.
  func finish() { Messages.settle() }

  private func show(_ step: Runner.Progress.Step) {
    if let columns {
      // The last column stays free: a terminal may begin a new line behind it.
      Messages.change(ProgressText(step).bar(columns: columns - 1, isUnicode: isUnicode))
    } else if lastLine.withLock({ last in
      guard step.elapsed - last >= Self.interval else { return false }
      last = step.elapsed
      return true
    }) {
      say(ProgressText(step).sentence)
    }
  }
}

/// A step of long work in words.
struct ProgressText {
  private let step: Runner.Progress.Step

  init(_ step: Runner.Progress.Step) { self.step = step }

  /// `12 of 311 legs, block 1 of 5, 40 s left, 2 of 8 claims decided: block.randread on nearmetal polled`.
  var sentence: String { "\(step.done) of \(step.total) \(step.unit)\(details): \(step.next)".printable }

  /// `━━━━━━────────  38 %, block 2 of 5, 40 s left: block.randread on nearmetal polled`, no wider than the columns.
  func bar(columns: Int, isUnicode: Bool) -> String {
    let width = 20
    let share = step.total > 0 ? min(1, max(0, Double(step.done) / Double(step.total))) : 0
    let filled = Int((share * Double(width)).rounded(.down))
    let (full, empty) = isUnicode ? ("█", "░") : ("#", ".")
    let bar = String(repeating: full, count: filled) + String(repeating: empty, count: width - filled)
    let text = "\(bar) \(Int(share * 100)) %\(details): \(step.next)".printable
    return String(text.prefix(max(0, columns)))
  }

  private var details: String {
    let block = step.block.map { "block \($0.done)" + ($0.total.map { " of \($0)" } ?? "") }
    let left = step.remaining.map { "\(Self.time($0)) left" }
    let claims = step.claims.map { "\($0.done)" + ($0.total.map { " of \($0)" } ?? "") + " claims decided" }
    return [block, left, claims].compactMap(\.self).map { ", \($0)" }.joined()
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 100 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}
