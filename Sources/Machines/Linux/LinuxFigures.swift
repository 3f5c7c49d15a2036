import Definitions
import LinuxSystem
import Results

/// Figures of a workload under Linux.
struct LinuxFigures: Codable, Sendable, Equatable {
  /// Nanoseconds from creating the machine to the first word of the guest's first process, and to where the job could begin.
  var hello: UInt64?
  var ready: UInt64?
  /// Seconds that the guest's kernel had run at that first word, as it says; whole hundredths.
  var uptime: Double?
  /// Nanoseconds that the job took.
  var time: UInt64?
  var fio: FioFigures?
}

/// What became of a job, wherever it ran.
struct LinuxAnswer {
  var status: Int
  /// The last of what it wrote to its standard streams.
  var output: [UInt8]
  /// fio's results; nil for another job.
  var fio: [UInt8]?

  private static let lines = 4
  private static let lineLength = 160

  /// Why the leg has failed; nil for a job that ended well.
  var failure: String? {
    guard status != 0 else { return nil }
    let lines = Self.lastLines(output)
    return "the command ended with status \(status)" + (lines.isEmpty ? "" : "; it said last: \(lines)")
  }

  /// The last lines of some bytes in one, fit to be shown.
  static func lastLines(_ bytes: [UInt8]) -> String {
    shown(String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init))
  }

  static func shown(_ lines: [String]) -> String {
    lines.map { String($0.printable.trimmed.prefix(lineLength)) }.filter { !$0.isEmpty }.suffix(Self.lines)
      .joined(separator: " | ")
  }

  /// fio's figures, where it was the job.
  /// - Parameter host: the version that this host has; another one would be other work.
  func figures(_ job: LinuxSpecification.Job, host: String?) throws(FioReport.Problem) -> FioFigures? {
    guard case .fio = job else { return nil }
    guard let fio else { throw FioReport.Problem(reason: "fio gave no results") }
    let figures = try FioReport.figures(fio)
    if let host, figures.version != host {
      throw FioReport.Problem(
        reason: "the guest has \(figures.version), this host \(host): make the guest anew. \(LinuxGuest.advice)")
    }
    return figures
  }
}
