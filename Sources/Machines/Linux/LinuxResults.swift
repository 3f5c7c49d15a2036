import Definitions
import LinuxSystem

/// What the tool measured that a job was.
enum LinuxResults: Codable, Sendable, Equatable {
  case fio(FioFigures)
  case iperf3(IperfFigures)
  case perf(PerfFigures)

  /// Reads a tool's results. The bytes may be a guest's, and anything.
  /// - Parameters:
  ///   - bytes: as the tool wrote them; nil where it wrote none.
  ///   - job: what was asked for.
  /// - Returns: nil for a job that is no tool.
  init?(_ bytes: [UInt8]?, of job: LinuxSpecification.Job) throws(LinuxResultsProblem) {
    guard let tool = job.tool else { return nil }
    guard let bytes else { throw LinuxResultsProblem(reason: "\(tool.program) gave no results") }
    switch job {
    case .boot, .command: return nil
    case .fio: self = .fio(try FioReport.figures(bytes))
    case .iperf3(let asked): self = .iperf3(try IperfReport.figures(bytes, asked))
    case .perf(let asked): self = .perf(try PerfReport.figures(bytes, asked))
    }
  }

  /// The tool's version, as it says it.
  var version: String {
    switch self {
    case .fio(let figures): figures.version
    case .iperf3(let figures): figures.version
    case .perf(let figures): figures.version
    }
  }

  /// What counts are held against; nil where that would say nothing.
  var operations: UInt64? {
    switch self {
    case .fio(let figures): figures.operations
    case .iperf3(let figures): figures.operations
    case .perf(let figures): figures.operations
    }
  }
}

/// Why bytes are no results.
struct LinuxResultsProblem: Error { let reason: String }
