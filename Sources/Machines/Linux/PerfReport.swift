import Definitions
import LinuxSystem

/// What a benchmark of perf's measured: one of the two.
struct PerfFigures: Codable, Sendable, Equatable {
  /// Seconds, in thousandths.
  var seconds: Double?
  var bytesPerSecond: Double?
  /// What counts are held against; nil for a benchmark that has none.
  var operations: UInt64?
  /// perf's version, as it says it.
  var version: String
}

/// What `perf --version` and `perf bench --format simple` say, one after the other. The bytes may be a guest's, and anything.
enum PerfReport {
  /// Bytes that are read.
  private static let most = 4096

  /// - Parameter asked: the benchmark, whose one figure stands in the last line.
  static func figures(
    _ bytes: [UInt8], _ asked: PerfSpecification
  ) throws(LinuxResultsProblem) -> PerfFigures {
    guard bytes.count <= most, let version = LinuxTool.perf.version(bytes) else {
      throw LinuxResultsProblem(reason: "perf's results cannot be read")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let last = lines.dropFirst().last.map({ String($0).trimmed }), let value = Double(last) else {
      throw LinuxResultsProblem(reason: "perf's results have no figure")
    }
    guard value.isFinite, value > 0, value < 1e15 else {
      // A time shorter than what it is told in has no rate and is no time.
      throw LinuxResultsProblem(
        reason: "perf's figure makes no sense: \(last.printable.prefix(40)) (more loops take longer)")
    }
    return PerfFigures(
      seconds: asked.benchmark.movesMemory ? nil : value, bytesPerSecond: asked.benchmark.movesMemory ? value : nil,
      operations: asked.operations, version: version)
  }
}
