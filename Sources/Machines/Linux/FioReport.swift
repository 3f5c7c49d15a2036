import LinuxSystem
import Results

/// What fio measured.
struct FioFigures: Codable, Sendable, Equatable {
  /// Operations of all jobs, and how many a second they were together.
  var operations: UInt64
  var operationsPerSecond: Double
  var bytesPerSecond: Double
  /// From submission to completion, in nanoseconds; nil where fio timed none.
  var latency: HistogramRecord?
  /// fio's version, as it says it.
  var version: String
}

/// fio's results in JSON with all bins (`--output-format=json+`). The bytes may be a guest's, and anything.
struct FioReport: Decodable {
  /// Jobs and bins that are read; fio has 1856 bins a direction.
  private static let mostJobs = 4096
  private static let mostBins = 1 << 16
  /// Nanoseconds of the longest operation: more than a day.
  private static let longest: UInt64 = 1 << 47
  /// Operations that make sense.
  private static let mostOperations: UInt64 = 1 << 50

  private struct Job: Decodable {
    let error: Int?
    let read: Direction?
    let write: Direction?
    let trim: Direction?

    var directions: [Direction] { [read, write, trim].compactMap { $0 }.filter { $0.operations > 0 } }
  }

  private struct Direction: Decodable {
    private enum CodingKeys: String, CodingKey {
      case operations = "total_ios"
      case operationsPerSecond = "iops"
      case bytesPerSecond = "bw_bytes"
      case latency = "clat_ns"
    }

    let operations: UInt64
    let operationsPerSecond: Double
    let bytesPerSecond: Double
    let latency: Latency?
  }

  private struct Latency: Decodable {
    /// Counts by nanoseconds, which stand for those around them.
    let bins: [String: UInt64]?
  }

  private enum CodingKeys: String, CodingKey {
    case version = "fio version"
    case jobs
  }

  private let version: String
  private let jobs: [Job]

  /// The figures of all jobs together.
  static func figures(_ bytes: [UInt8]) throws(LinuxResultsProblem) -> FioFigures {
    let report: FioReport
    do throws(JSONProblem) { report = try JSONText.decode(from: bytes) } catch {
      throw LinuxResultsProblem(reason: "fio's results cannot be read: \("\(error)".oneLine.printable)")
    }
    return try report.figures()
  }

  private func figures() throws(LinuxResultsProblem) -> FioFigures {
    guard jobs.count <= Self.mostJobs else {
      throw LinuxResultsProblem(reason: "fio's results are of \(jobs.count) jobs")
    }
    if let error = jobs.compactMap(\.error).first(where: { $0 != 0 }) {
      throw LinuxResultsProblem(reason: "a job of fio's ended with error \(error)")
    }
    let directions = jobs.flatMap(\.directions)
    guard !directions.isEmpty else { throw LinuxResultsProblem(reason: "fio did nothing: its jobs have no operation") }
    var figures = FioFigures(
      operations: 0, operationsPerSecond: 0, bytesPerSecond: 0,
      version: String(version.printable.prefix(40)))
    var counts: [UInt64: UInt64] = [:]
    var total: UInt64 = 0
    for direction in directions {
      guard direction.operations <= Self.mostOperations, Self.isRate(direction.operationsPerSecond),
        Self.isRate(direction.bytesPerSecond)
      else { throw LinuxResultsProblem(reason: "fio's figures make no sense") }
      figures.operations += direction.operations
      figures.operationsPerSecond += direction.operationsPerSecond
      figures.bytesPerSecond += direction.bytesPerSecond
      for (key, count) in direction.latency?.bins ?? [:] where count > 0 {
        guard let nanoseconds = UInt64(key), nanoseconds <= Self.longest, count <= Self.mostOperations,
          counts.count < Self.mostBins, total + count <= Self.mostOperations
        else { throw LinuxResultsProblem(reason: "fio's latencies make no sense") }
        counts[max(1, nanoseconds), default: 0] += count
        total += count
      }
    }
    guard figures.operations <= Self.mostOperations else {
      throw LinuxResultsProblem(reason: "fio's figures make no sense")
    }
    do throws(HistogramError) { figures.latency = try HistogramRecord(nanoseconds: counts) } catch {
      throw LinuxResultsProblem(reason: "fio's latencies make no sense: \(error)")
    }
    return figures
  }

  /// Above zero, and below what any device does.
  private static func isRate(_ value: Double) -> Bool { value.isFinite && value > 0 && value < 1e15 }
}
