import Fleet
import Foundation
import LinuxSystem
import Results
import Testing

@testable import Reports

@Suite struct FleetReportTests {
  private func report(_ fleet: MadeUpFleet, expected: [String]? = nil) -> FleetReport {
    FleetReport(fleet.read(), by: .model, expected: expected, alpha: 0.01)
  }

  @Test func theSlowHostTheSlowGuestAndWhatDiffersAreNamed() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    for number in 0..<40 {
      let result =
        switch number {
        case 7: fleet.result(slow: [3: 0.9], facts: ["firmware.version": "0.9"])
        case 21: fleet.result(native: 0.8)
        default: fleet.result()
        }
      try fleet.write(result, "host\(number)")
    }
    let report = report(fleet)
    let findings = report.groups.flatMap { group in group.findings.map { (group.hosts[$0.host].name, $0) } }
    #expect(Set(findings.map(\.0)) == ["host7", "host21"])
    let guest = try #require(findings.first { $0.0 == "host7" }?.1)
    #expect(guest.kind == .virtual && guest.series?.workload["n"]?.description == "3" && abs(guest.ratio - 0.9) < 0.02)
    #expect(guest.differences.map(\.fact) == ["firmware.version"] && guest.differences.first?.own == "0.9")
    let bare = try #require(findings.first { $0.0 == "host21" }?.1)
    #expect(bare.kind == .native && bare.series == nil && abs(bare.ratio - 0.8) < 0.03)
    #expect(report.isComplete)
    #expect(report.text.contains("40 hosts in 1 group: 2 are not like the others."))
    let page = try report.html()
    #expect(page.contains("host7") && page.contains("host21") && !page.contains("host8<"))
    #expect(report.table.rows.count == 40 * 24)
    #expect(Set(report.table.rows.filter { $0[12] != "" }.map { $0[2] }) == ["host7", "host21"])
  }

  @Test func theLastResultOfEachHostIsCollected() throws {
    var (fleet, other) = (try MadeUpFleet(), try MadeUpFleet(seed: 2))
    defer {
      fleet.remove()
      other.remove()
    }
    for number in 0..<3 { try fleet.write(fleet.result(), "host\(number)") }
    try other.write(other.result(startedAt: "2026-11-02T10:00:00Z"), "host1/a")
    try other.write(other.result(startedAt: "2026-10-02T10:00:00Z"), "host2/b")
    let target = fleet.folder + "-all"
    defer { try? FileManager.default.removeItem(atPath: target) }
    try AtomicFile.makeDirectory(target)
    func there() -> FleetReader {
      var reader = FleetReader(latest: "2026-11-29T00:00:00Z") { .failure(.init($0, "no bundles here")) }
      reader.read(target)
      reader.finish()
      return reader
    }
    var collection = FleetCollection(target)
    try collection.add(fleet.read().hosts, existing: there().hosts)
    #expect(collection.taken == 3 && collection.known == 0)
    // The second folder has a later one of one host, and an earlier one of another.
    try collection.add(other.read().hosts, existing: there().hosts)
    #expect(collection.taken == 4 && collection.known == 1)
    let all = there()
    #expect(all.leftOut == [] && all.hosts.map(\.name) == ["host0", "host1", "host2"])
    #expect(all.hosts.map { String($0.startedAt.prefix(10)) } == ["2026-11-01", "2026-11-02", "2026-11-01"])
    let one = try AtomicFile.read("\(target)/host1/quick/result.json")
    #expect(try one == AtomicFile.read("\(other.folder)/host1/a/result.json"))
  }

  @Test func whatCannotBeReadIsNamedAndTheRestIsReported() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    for number in 0..<6 { try fleet.write(fleet.result(), "host\(number)") }
    try fleet.write(fleet.result(startedAt: "2026-11-02T10:00:00Z"), "host0/later")
    try fleet.write(fleet.result(startedAt: "2031-01-01T00:00:00Z"), "tomorrow")
    var slowed = fleet.result()
    slowed.run.injection = InjectionRecord(.ioSlow, amount: 10)
    try fleet.write(slowed, "slowed")
    var old = fleet.result()
    old.schema = "nearmetal.result/0"
    try fleet.write(old, "old")
    let whole = try ResultStore.encode(fleet.result())
    try AtomicFile.makeDirectory("\(fleet.folder)/half")
    try AtomicFile.write(Array(whole.prefix(whole.count / 2)), to: "\(fleet.folder)/half/result.json")
    try AtomicFile.write([1, 2, 3], to: "\(fleet.folder)/broken.tar.zst")
    let report = report(fleet, expected: (0..<7).map { "host\($0)" })
    #expect(report.groups.map(\.hosts.count) == [6])
    #expect(report.missing == ["host6"])
    let reasons = Dictionary(
      report.leftOut.map {
        (
          $0.path.split(separator: "/").dropLast($0.path.hasSuffix(".zst") ? 0 : 1).last.map(String.init) ?? "",
          $0.reason
        )
      }
    ) { $1 }
    #expect(Set(reasons.keys) == ["tomorrow", "slowed", "old", "half", "broken.tar.zst"])
    #expect(reasons["tomorrow"]?.contains("clock") == true)
    #expect(reasons["old"]?.contains("nearmetal.result/0") == true)
    #expect(!report.isComplete)
  }

  @Test func ofTwoResultsOfAHostTheLaterCounts() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    try fleet.write(fleet.result(startedAt: "2026-11-02T10:00:00Z"), "host/b")
    try fleet.write(fleet.result(startedAt: "2026-11-01T10:00:00Z"), "host/a")
    let reader = fleet.read()
    #expect(reader.hosts.map(\.startedAt) == ["2026-11-02T10:00:00Z"])
    #expect(reader.leftOut.map(\.reason).first?.contains("later result") == true)
  }

  @Test func namesOfStrangersDoNothingOnThePage() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    for number in 0..<6 {
      try fleet.write(fleet.result(slow: number == 5 ? [1: 0.5] : [:]), number == 5 ? "<script>x" : "host\(number)")
    }
    let page = try report(fleet).html()
    #expect(!page.contains("<script>x"))
  }

  /// The outermost list alone is left out, whatever strings say.
  @Test(arguments: [
    (#"{"a":1,"legs":[{"x":[1,"]}\""]}],"z":2}"#, #"{"a":1,"legs":[],"z":2}"#),
    (#"{"host":{"legs":[1]},"legs":[],"q":"\"legs\":[9]"}"#, #"{"host":{"legs":[1]},"legs":[],"q":"\"legs\":[9]"}"#),
    (#"{"legs":[1,2"#, #"{"legs":[1,2"#), ("", ""),
  ])
  func legsAreSkipped(text: String, short: String) {
    #expect(String(decoding: FleetResultProbe.withoutLegs([UInt8](text.utf8)), as: UTF8.self) == short)
  }
}
