import Definitions
import LinuxSystem
import Results
import Testing

@testable import Machines

@Suite struct FioReportTests {
  private func figures(_ text: String) throws(LinuxResultsProblem) -> FioFigures {
    try FioReport.figures(Array(text.utf8))
  }

  private func problem(_ text: String) -> String? {
    do throws(LinuxResultsProblem) {
      _ = try figures(text)
      return nil
    } catch { return error.reason }
  }

  private static func job(_ read: String, _ more: String = "") -> String {
    "{\"fio version\": \"fio-3.33\", \"jobs\": [{\"jobname\": \"a\", \"error\": 0, \"read\": {\(read)}\(more)}]}"
  }

  private static let good =
    "\"total_ios\": 10, \"iops\": 100.5, \"bw_bytes\": 411648, \"clat_ns\": {\"bins\": {\"1000\": 9, \"8000\": 1}}"

  @Test func figuresOfOneDirectionAreItsOwn() throws {
    let figures = try figures(Self.job(Self.good))
    #expect((figures.operations, figures.operationsPerSecond, figures.bytesPerSecond) == (10, 100.5, 411648))
    #expect(figures.version == "fio-3.33")
    let latency = try LatencyDistribution(try #require(figures.latency))
    #expect(latency.count == 10 && latency.nanoseconds(atPercentile: 50) == 1000)
    #expect(latency.nanoseconds(atPercentile: 100).map { (8000...8008).contains($0) } == true)
  }

  @Test func jobsAndDirectionsAddUp() throws {
    let both = Self.job(
      Self.good, ", \"write\": {\(Self.good)}, \"trim\": {\"total_ios\": 0, \"iops\": 0, \"bw_bytes\": 0}")
    let figures = try figures(both)
    #expect((figures.operations, figures.operationsPerSecond) == (20, 201))
    #expect(try LatencyDistribution(try #require(figures.latency)).count == 20)
  }

  @Test func jobsWithoutLatenciesHaveNone() throws {
    #expect(try figures(Self.job("\"total_ios\": 1, \"iops\": 1, \"bw_bytes\": 1")).latency == nil)
  }

  private static let wrong: [(text: String, problem: String)] = [
    ("", "cannot be read"),
    ("fio: nonsense", "cannot be read"),
    ("{\"fio version\": \"fio-3\", \"jobs\": []}", "fio did nothing"),
    (job("\"total_ios\": 0, \"iops\": 0, \"bw_bytes\": 0"), "fio did nothing"),
    (job("\"total_ios\": -1, \"iops\": 1, \"bw_bytes\": 1"), "cannot be read"),
    (job("\"total_ios\": 1, \"iops\": -1, \"bw_bytes\": 1"), "make no sense"),
    (job("\"total_ios\": 1, \"iops\": 1e300, \"bw_bytes\": 1"), "make no sense"),
    (job("\"total_ios\": 1, \"iops\": 1e999, \"bw_bytes\": 1"), ""),
    (job("\"total_ios\": 18446744073709551615, \"iops\": 1, \"bw_bytes\": 1"), "make no sense"),
    (job("\"total_ios\": 1, \"iops\": 1, \"bw_bytes\": 1, \"clat_ns\": {\"bins\": {\"-5\": 1}}"), "make no sense"),
    (
      job("\"total_ios\": 1, \"iops\": 1, \"bw_bytes\": 1, \"clat_ns\": {\"bins\": {\"18446744073709551615\": 1}}"),
      "make no sense"
    ),
    (
      job("\"total_ios\": 1, \"iops\": 1, \"bw_bytes\": 1, \"clat_ns\": {\"bins\": {\"5\": 18446744073709551615}}"),
      "make no sense"
    ),
    (
      job(
        "\"total_ios\": 1, \"iops\": 1, \"bw_bytes\": 1, \"clat_ns\": {\"bins\": {\"100000000000000\": 1000000000000000}}"
      ),
      "make no sense"
    ),
    (job(good, ", \"error\": 5").replacing("\"error\": 0, ", with: ""), "ended with error 5"),
    (String(repeating: "[", count: 100_000), "cannot be read"),
  ]

  @Test(arguments: wrong.indices)
  func whatIsNoResultIsSaidInALine(index: Int) {
    let (text, expected) = Self.wrong[index]
    let found = problem(text)
    #expect(found?.contains(expected) == true, "\(found ?? "none")")
    #expect(found?.contains("\n") == false)
  }

  @Test func anotherVersionOfTheGuestsIsOtherWork() throws {
    let answer = LinuxAnswer(
      job: .fio(jobFile: "a"), status: 0, output: [], results: Array(Self.job(Self.good).utf8))
    guard case .failed(let reason) = answer.conclusion(LinuxFigures(), host: "fio-3.36") else {
      Issue.record("another version is no failure")
      return
    }
    #expect(
      reason == "the guest has fio-3.33, this host fio-3.36: make the guest anew. "
        + "ci/linux-guest --tool fio guest makes one that has it")
    for host in ["fio-3.33", nil] {
      guard case .figures(let figures) = answer.conclusion(LinuxFigures(), host: host) else {
        Issue.record("no figures for \(host ?? "a host without it")")
        continue
      }
      #expect(figures.results?.operations == 10)
    }
  }

  private func refusal(_ text: String) -> String? {
    do throws(GuestError) {
      _ = try FioJobFile.fitted(Array(text.utf8), path: "j.fio")
      return nil
    } catch { return error.description }
  }

  @Test func aJobFileWorksOnTheLegsDisk() throws {
    let fitted = try FioJobFile.fitted(Array("[a]\nrw=read\n".utf8), path: "j.fio")
    #expect(String(decoding: fitted, as: UTF8.self) == "[global]\nfilename=${NEARMETAL_DISK}\n\n[a]\nrw=read\n")
  }

  @Test func aJobFileThatNamesItsOwnFilesIsRefused() {
    #expect(refusal("[a]\n filename = /dev/sda\n")?.hasPrefix("j.fio:2: expected jobs without filename") == true)
    #expect(refusal("[global]\ndirectory=/tmp\n[a]\n")?.hasPrefix("j.fio:2: expected jobs without directory") == true)
    #expect(refusal("include other.fio\n[a]\n")?.hasPrefix("j.fio:1: expected all jobs in one file") == true)
    #expect(refusal("[global]\nrw=read\n")?.contains("found no [job] in it") == true)
    #expect(refusal("; filename=/dev/sda\n[a]\nrw=read\n") == nil)
  }
}
