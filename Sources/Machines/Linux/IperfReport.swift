import Definitions
import LinuxSystem
import Results

/// What iperf3 measured.
struct IperfFigures: Codable, Sendable, Equatable {
  /// What the receiver had, a second, of all connections together.
  var bytesPerSecond: Double
  /// Writes of the length that was asked for, as many as fit what arrived.
  var operations: UInt64
  /// Segments that the sender sent once more; nil where its kernel does not say.
  var retransmits: UInt64?
  /// Percent of one processor that the client's process took, and the server's, as each says of itself.
  var clientProcessor: Double
  var serverProcessor: Double
  /// iperf3's version, as it says it.
  var version: String
}

/// iperf3's results in JSON (`--json`), by its client. The bytes may be a guest's, and anything.
struct IperfReport: Decodable {
  /// Percent of all processors that a machine may have.
  private static let mostProcessor = 1e6
  /// Bytes, and segments, that make sense.
  private static let most: UInt64 = 1 << 56

  private struct Start: Decodable {
    let version: String
    let test: Test?

    enum CodingKeys: String, CodingKey {
      case version
      case test = "test_start"
    }
  }

  /// What was done, as the client says.
  private struct Test: Decodable {
    let protocolName: String
    let connections: UInt64
    let length: UInt64
    let isReverse: Int

    enum CodingKeys: String, CodingKey {
      case protocolName = "protocol"
      case connections = "num_streams"
      case length = "blksize"
      case isReverse = "reverse"
    }
  }

  private struct End: Decodable {
    let sent: Sum?
    let received: Sum?
    let processor: Processor?

    enum CodingKeys: String, CodingKey {
      case sent = "sum_sent"
      case received = "sum_received"
      case processor = "cpu_utilization_percent"
    }
  }

  private struct Sum: Decodable {
    let bytes: UInt64
    let bitsPerSecond: Double
    let retransmits: UInt64?

    enum CodingKeys: String, CodingKey {
      case bytes, retransmits
      case bitsPerSecond = "bits_per_second"
    }
  }

  private struct Processor: Decodable {
    let client: Double
    let server: Double

    enum CodingKeys: String, CodingKey {
      case client = "host_total"
      case server = "remote_total"
    }
  }

  private let start: Start?
  private let end: End?
  private let error: String?

  /// The figures.
  /// - Parameter asked: what iperf3 was to do; figures of anything else are none.
  static func figures(
    _ bytes: [UInt8], _ asked: IperfSpecification
  ) throws(LinuxResultsProblem) -> IperfFigures {
    let report: IperfReport
    do throws(JSONProblem) { report = try JSONText.decode(from: bytes) } catch {
      throw LinuxResultsProblem(reason: "iperf3's results cannot be read: \("\(error)".oneLine.printable)")
    }
    return try report.figures(asked)
  }

  /// Why iperf3 did not come to its end, as it says it in its results; nil where it says nothing.
  static func complaint(_ bytes: [UInt8]) -> String? {
    let report: IperfReport? = try? JSONText.decode(from: bytes)
    return (report?.error).map { String($0.oneLine.printable.prefix(160)) }
  }

  private func figures(_ asked: IperfSpecification) throws(LinuxResultsProblem) -> IperfFigures {
    if let error { throw LinuxResultsProblem(reason: "iperf3 says: \(error.oneLine.printable.prefix(160))") }
    guard let start, let test = start.test, let received = end?.received, let processor = end?.processor else {
      throw LinuxResultsProblem(reason: "iperf3's results have no end")
    }
    guard test.protocolName == "TCP", test.connections == asked.parallel, test.length == asked.length,
      (test.isReverse != 0) == (asked.direction == .receive)
    else { throw LinuxResultsProblem(reason: "iperf3's results are of something else than it was to do") }
    let retransmits = end?.sent?.retransmits
    guard received.bytes > 0 else { throw LinuxResultsProblem(reason: "iperf3's receiver had nothing") }
    guard received.bytes <= Self.most, retransmits ?? 0 <= Self.most,
      received.bitsPerSecond.isFinite, received.bitsPerSecond > 0, received.bitsPerSecond < 1e16,
      Self.isProcessor(processor.client), Self.isProcessor(processor.server)
    else { throw LinuxResultsProblem(reason: "iperf3's figures make no sense") }
    return IperfFigures(
      bytesPerSecond: received.bitsPerSecond / 8, operations: received.bytes / asked.length, retransmits: retransmits,
      clientProcessor: processor.client, serverProcessor: processor.server,
      version: String(start.version.printable.prefix(40)))
  }

  private static func isProcessor(_ value: Double) -> Bool { value.isFinite && (0...mostProcessor).contains(value) }
}
