import Definitions
import LinuxSystem

/// What became of a job, wherever it ran.
struct LinuxAnswer {
  let job: LinuxSpecification.Job
  var status: Int
  /// The last of what it wrote to its standard streams.
  var output: [UInt8]
  /// A tool's results; nil for another job, and where it wrote none.
  var results: [UInt8]?

  private static let lines = 4
  private static let lineLength = 160

  /// What the job comes to.
  /// - Parameters:
  ///   - figures: what is known besides.
  ///   - host: the version of the tool that this host has; another one would be other work. Nil where it has none.
  func conclusion(_ figures: LinuxFigures, host: String?) -> LinuxConclusion {
    if let failure { return .failed(failure) }
    var figures = figures
    do throws(LinuxResultsProblem) { figures.results = try LinuxResults(results, of: job) } catch {
      return .failed(error.reason)
    }
    if let host, let version = figures.results?.version, version != host {
      return .failed(
        "the guest has \(version), this host \(host): make the guest anew. \(job.tool?.guestAdvice ?? LinuxGuest.advice)"
      )
    }
    return .figures(figures)
  }

  /// What a guest has no tool for, or nothing that the tool could work with, and what to do; nil where it has.
  var lack: String? {
    guard let tool = job.tool else { return nil }
    switch LinuxScript.Lack(rawValue: status) {
    case .program: return "the guest has no \(tool.program) that starts: \(tool.guestAdvice)"
    case .interface:
      return "the guest's kernel has no driver for its network interface (Debian's cloud kernel has none for e1000): "
        + "ci/linux-guest --kernel linux-image-amd64 --tool \(tool.program) guest makes one that has it"
    case nil: return nil
    }
  }

  /// Why the leg has failed; nil for a job that ended well.
  var failure: String? {
    guard status != 0 else { return nil }
    var said = Self.lastLines(output)
    if case .iperf3 = job, let complaint = results.flatMap(IperfReport.complaint) { said = complaint }
    return "the command ended with status \(status)" + (said.isEmpty ? "" : "; it said last: \(said)")
  }

  /// The last lines of some bytes in one, fit to be shown.
  static func lastLines(_ bytes: [UInt8]) -> String {
    shown(String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init))
  }

  static func shown(_ lines: [String]) -> String {
    lines.map { String($0.printable.trimmed.prefix(lineLength)) }.filter { !$0.isEmpty }.suffix(Self.lines)
      .joined(separator: " | ")
  }
}
