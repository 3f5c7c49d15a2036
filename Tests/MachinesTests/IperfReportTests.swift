import Definitions
import LinuxSystem
import Results
import Testing

@testable import Machines

@Suite struct IperfReportTests {
  private static let asked = specification("{id: linux.iperf3}")

  /// What a suite asks for.
  private static func specification(_ workload: String) -> IperfSpecification {
    let suite = try? SuiteReader.parse("name: s\nmachines: [native]\nworkloads: [\(workload)]", path: "s.yaml")
    guard case .iperf3(let asked) = suite?.entries.first?.linux?.job else { preconditionFailure(workload) }
    return asked
  }

  private static func problem(_ text: String, _ wanted: IperfSpecification = IperfReportTests.asked) -> String? {
    do throws(LinuxResultsProblem) {
      _ = try IperfReport.figures(Array(text.utf8), wanted)
      return nil
    } catch { return error.reason }
  }

  private static let rightTest = "\"protocol\": \"TCP\", \"num_streams\": 1, \"blksize\": 131072, \"reverse\": 0"
  private static let rightReceived = "\"bytes\": 1310720, \"bits_per_second\": 8388608.5, \"sender\": true"
  private static let rightProcessor = "\"host_total\": 12.5, \"host_user\": 1, \"remote_total\": 50.25"

  private static func report(
    test: String = rightTest, sent: String = "\"bytes\": 1400000, \"bits_per_second\": 9e6, \"retransmits\": 3",
    received: String = rightReceived, processor: String = rightProcessor, more: String = ""
  ) -> String {
    "{\"start\": {\"connected\": [], \"version\": \"iperf 3.12\", \"test_start\": {\(test)}}, \"intervals\": [], "
      + "\"end\": {\"streams\": [], \"sum_sent\": {\(sent)}, \"sum_received\": {\(received)}, "
      + "\"cpu_utilization_percent\": {\(processor)}}\(more)}"
  }

  @Test func theReceiversFiguresAreTaken() throws {
    let figures = try IperfReport.figures(Array(Self.report().utf8), Self.asked)
    #expect(
      figures
        == IperfFigures(
          bytesPerSecond: 1048576.0625, operations: 10, retransmits: 3, clientProcessor: 12.5, serverProcessor: 50.25,
          version: "iperf 3.12"))
  }

  @Test func aSenderThatDoesNotCountRetransmissionsHasNone() throws {
    let text = Self.report(sent: "\"bytes\": 1, \"bits_per_second\": 1")
    #expect(try IperfReport.figures(Array(text.utf8), Self.asked).retransmits == nil)
  }

  @Test func figuresOfOtherWorkAreNone() throws {
    let more = Self.specification(
      "{id: linux.iperf3, parameters: {direction: receive, length: 64KiB, parallel: 4}}")
    let other = "iperf3's results are of something else than it was to do"
    #expect(Self.problem(Self.report(), more) == other)
    let right = "\"protocol\": \"TCP\", \"num_streams\": 4, \"blksize\": 65536, \"reverse\": 1"
    #expect(Self.problem(Self.report(test: right), more) == nil)
    for (one, another) in [("TCP", "UDP"), (": 4", ": 3"), ("65536", "65535"), (": 1", ": 0")] {
      let text = Self.report(test: right.replacing(one, with: another))
      #expect(Self.problem(text, more) == other, "\(another)")
    }
  }

  private static let wrong: [(text: String, problem: String)] = [
    ("", "cannot be read"),
    ("iperf3: error", "cannot be read"),
    ("{}", "have no end"),
    ("{\"start\": {\"version\": \"iperf 3.12\"}, \"end\": {}}", "have no end"),
    (report(more: ", \"error\": \"unable to connect\\n to server\""), "iperf3 says: unable to connect"),
    (report(received: "\"bytes\": 0, \"bits_per_second\": 0"), "had nothing"),
    (report(received: "\"bytes\": -1, \"bits_per_second\": 1"), "cannot be read"),
    (report(received: "\"bytes\": 18446744073709551615, \"bits_per_second\": 1"), "make no sense"),
    (report(received: "\"bytes\": 1, \"bits_per_second\": -1"), "make no sense"),
    (report(received: "\"bytes\": 1, \"bits_per_second\": 1e300"), "make no sense"),
    (report(received: "\"bytes\": 1, \"bits_per_second\": 1e999"), ""),
    (report(received: "\"bytes\": 1, \"bits_per_second\": null"), "cannot be read"),
    (report(sent: "\"bytes\": 1, \"bits_per_second\": 1, \"retransmits\": 18446744073709551615"), "make no sense"),
    (report(sent: "\"bytes\": 1, \"bits_per_second\": 1, \"retransmits\": -1"), "cannot be read"),
    (report(processor: "\"host_total\": -1, \"remote_total\": 1"), "make no sense"),
    (report(processor: "\"host_total\": 1, \"remote_total\": 1e9"), "make no sense"),
    (String(repeating: "[", count: 100_000), "cannot be read"),
  ]

  @Test(arguments: wrong.indices)
  func whatIsNoResultIsSaidInALine(index: Int) {
    let (text, expected) = Self.wrong[index]
    let found = Self.problem(text)
    #expect(found?.contains(expected) == true, "\(found ?? "none")")
    #expect(found?.contains("\n") == false)
  }

  @Test func aVersionIsShortAndFitToBeShown() throws {
    let text = Self.report().replacing("iperf 3.12", with: "iperf \\u001b[2J" + String(repeating: "3", count: 1000))
    #expect(try IperfReport.figures(Array(text.utf8), Self.asked).version.hasPrefix("iperf  [2J333"))
    #expect(try IperfReport.figures(Array(text.utf8), Self.asked).version.count == 40)
  }

  @Test func whatTheClientSaysOfItsFailureIsTheLegsReason() {
    let answer = LinuxAnswer(
      job: .iperf3(Self.asked), status: 1, output: [], results: Array("{\"start\": {}, \"error\": \"no route\"}".utf8))
    // A start without a version is none: what is said then is what it wrote.
    #expect(answer.failure == "the command ended with status 1")
    let whole = LinuxAnswer(
      job: .iperf3(Self.asked), status: 1, output: Array("noise".utf8),
      results: Array("{\"start\": {\"version\": \"iperf 3.12\"}, \"error\": \"no route\"}".utf8))
    #expect(whole.failure == "the command ended with status 1; it said last: no route")
  }
}
