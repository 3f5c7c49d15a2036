import Definitions
import LinuxSystem
import Results
import Testing

@testable import Machines

@Suite struct PerfReportTests {
  private static func specification(_ parameters: String) -> PerfSpecification {
    let text = "name: s\nmachines: [native]\nworkloads: [{id: linux.perf, parameters: {\(parameters)}}]"
    guard case .perf(let asked) = (try? SuiteReader.parse(text, path: "s.yaml"))?.entries.first?.linux?.job else {
      preconditionFailure(parameters)
    }
    return asked
  }

  private static func figures(
    _ text: String, _ parameters: String = "bench: sched-pipe"
  ) throws(LinuxResultsProblem) -> PerfFigures {
    try PerfReport.figures(Array(text.utf8), specification(parameters))
  }

  private static let version = "perf version 6.1.187\n"

  @Test func aTimeIsSecondsAndItsOperationsAreThoseThatWereAskedFor() throws {
    let pipe = try Self.figures(Self.version + "0.250\n")
    #expect(
      pipe == PerfFigures(seconds: 0.25, bytesPerSecond: nil, operations: 100_000, version: "perf version 6.1.187"))
    let messages = try Self.figures(Self.version + "1.5\n", "bench: sched-messaging, groups: 2, loops: 3")
    #expect(messages.seconds == 1.5 && messages.operations == 2 * 400 * 3)
  }

  @Test func movedMemoryIsARateBehindItsHeadline() throws {
    let text = Self.version + "# function 'default' (Default memcpy() provided by glibc)\n5368709120.5\n"
    let figures = try Self.figures(text, "bench: mem-memcpy, size: 1MiB")
    #expect(figures.seconds == nil && figures.bytesPerSecond == 5368709120.5 && figures.operations == nil)
  }

  private static let wrong: [(text: String, problem: String)] = [
    ("", "cannot be read"),
    ("0.25\n", "cannot be read"),
    ("perf version 6.1\n", "have no figure"),
    ("perf version 6.1\nUsage: perf bench\n", "have no figure"),
    ("perf version 6.1\ninf\n", "makes no sense: inf"),
    ("perf version 6.1\nnan\n", "makes no sense"),
    ("perf version 6.1\n0.000\n", "makes no sense"),
    ("perf version 6.1\n-1\n", "makes no sense"),
    ("perf version 6.1\n1e300\n", "makes no sense"),
    ("perf version 6.1\n" + String(repeating: "1\n", count: 4096), "cannot be read"),
    ("perf version " + String(repeating: "6", count: 100) + "\n1\n", "cannot be read"),
  ]

  @Test(arguments: wrong.indices)
  func whatIsNoResultIsSaidInALine(index: Int) {
    let (text, expected) = Self.wrong[index]
    do throws(LinuxResultsProblem) {
      let figures = try Self.figures(text)
      Issue.record("\(figures)")
    } catch { #expect(error.reason.contains(expected) && !error.reason.contains("\n"), "\(error.reason)") }
  }

  @Test func versionsAreReadAsTheToolsSayThem() {
    func version(_ tool: LinuxTool, _ text: String) -> String? { tool.version(Array(text.utf8)) }
    #expect(version(.fio, "fio-3.33\n") == "fio-3.33")
    #expect(version(.iperf3, "iperf 3.12 (cJSON 1.7.15)\nLinux host 6.1\n") == "iperf 3.12")
    #expect(version(.perf, "perf version 6.1.187\n") == "perf version 6.1.187")
    for tool in LinuxTool.allCases {
      for text in ["", "\n", "sh: not found\n", "7\n"] { #expect(version(tool, text) == nil, "\(tool) \(text)") }
    }
  }
}
