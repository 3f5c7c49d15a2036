import Fleet
import Foundation
import LinuxSystem
import Qualification
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

  @Test func whatIsOneRunIsTakenOnce() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    for number in 0..<3 { try fleet.write(fleet.result(), "host\(number)") }
    try AtomicFile.makeDirectory("\(fleet.folder)/zcopy")
    try AtomicFile.write(
      try AtomicFile.read("\(fleet.folder)/host1/result.json"), to: "\(fleet.folder)/zcopy/result.json")
    let reader = fleet.read()
    #expect(reader.hosts.map(\.name) == ["host0", "host1", "host2"])
    #expect(reader.leftOut.map { $0.path.hasSuffix("zcopy/result.json") } == [true])
    #expect(reader.leftOut.first?.reason.contains("host1") == true)
  }

  @Test func aBundleAndTheFolderThatItWasMadeOfAreOneResult() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    try fleet.write(fleet.result(), "host")
    let bytes = try AtomicFile.read("\(fleet.folder)/host/result.json")
    try AtomicFile.write([1], to: "\(fleet.folder)/host.tar.zst")
    let reader = fleet.read { _ in .success(.init(result: bytes, signer: "a")) }
    #expect(reader.leftOut.isEmpty && reader.hosts.map(\.path) == ["\(fleet.folder)/host.tar.zst"])
  }

  @Test func aQualificationThatHasMeasuredNothingIsNamed() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    try fleet.write(fleet.result(), "whole")
    try fleet.write(fleet.result(), "begun/checks/check.integrity")
    try AtomicFile.write([], to: "\(fleet.folder)/begun/\(JournalFile.name)")
    let reader = fleet.read()
    #expect(reader.hosts.map(\.name) == ["whole"])
    #expect(reader.leftOut.map(\.path) == ["\(fleet.folder)/begun"])
  }

  @Test func repetitionsAreOneHostWithTheMeanAndItsSpread() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    let work = FleetWork(.run(suite: "quick"), program: "nearmetal", folder: fleet.folder, repetitions: 3, seed: 7)
    let jobs = FleetJobs(submittedAt: "2026-11-01T09:00:00Z", work: work, jobs: [.init(host: "host", id: "1")])
    try AtomicFile.write(try JSONText.encode(jobs), to: "\(fleet.folder)/fleet.json")
    for (number, ratio) in [0.8, 0.9, 1.0].enumerated() {
      var result = fleet.result(startedAt: "2026-11-01T1\(number):00:00Z")
      for index in result.comparisons.indices { result.comparisons[index].ratio = ratio }
      try fleet.write(result, "host/\(number + 1)")
    }
    let reader = fleet.read()
    let host = try #require(reader.hosts.first)
    #expect(reader.hosts.count == 1 && reader.leftOut.isEmpty)
    let figure = try #require(host.figures.first { $0.key.kind == .virtual }?.value)
    #expect(abs(figure.value - 0.8962809) < 1e-6)
    // Of the logarithms, over three.
    #expect(abs(figure.variance - 0.00415) < 0.0001)
  }

  @Test func clocksThatDisagreeAreNamed() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    let work = FleetWork(.run(suite: "quick"), program: "nearmetal", folder: fleet.folder, repetitions: 1, seed: 7)
    let jobs = FleetJobs(submittedAt: "2026-11-01T10:04:00Z", work: work, jobs: [])
    try AtomicFile.write(try JSONText.encode(jobs), to: "\(fleet.folder)/fleet.json")
    // Four minutes before it was asked to is what clocks do; a day before is not.
    try fleet.write(fleet.result(startedAt: "2026-11-01T10:00:00Z"), "fine")
    try fleet.write(fleet.result(startedAt: "2026-10-31T10:00:00Z"), "behind")
    try fleet.write(fleet.result(startedAt: "2026-11-30T10:00:00Z"), "ahead")
    try fleet.write(fleet.result(startedAt: "yesterday"), "none")
    let reader = fleet.read()
    #expect(reader.hosts.map(\.name) == ["fine"])
    #expect(reader.leftOut.map { $0.reason.contains("clock") || $0.reason.contains("expected") } == [true, true, true])
  }

  @Test func aHostThatComputesOtherwiseIsNamedFirst() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    for number in 0..<6 {
      var result = fleet.result(native: number == 2 ? 0.5 : 1)
      var leg = LegRecord(
        id: "0", block: 0, order: 0, path: .native, workload: Workload("cpu.float"), status: .ok, startedAt: 0)
      leg.answer = AnswerRecord(work: "cpu.float", seed: 7, operations: 64, checksum: number == 4 ? 0x2e : 0x1f)
      var other = leg
      // Other work than anybody else's says nothing.
      other.answer = AnswerRecord(
        work: "cpu.float", seed: UInt64(100 + number), operations: 64, checksum: UInt64(number + 1))
      var failed = leg
      (failed.answer, failed.status) = (nil, .failed)
      failed.reason = number == 5 ? "wrong data at offset 512: expected 1, found 2" : "no completion within 5 ms"
      result.legs = [leg, other, failed]
      try fleet.write(result, "host\(number)")
    }
    let report = report(fleet)
    #expect(report.wrong.map(\.host) == ["host4", "host5"])
    #expect(report.wrong.first?.what == "cpu.float (seed 7, 64 operations) is 2e, and 1f on 5 others")
    #expect(report.wrong.last?.what.hasPrefix("wrong data at offset 512") == true)
    #expect(report.text.hasPrefix("host4 computes otherwise: "))
    let page = try report.html()
    let (first, odd) = (try #require(page.firstRange(of: "host4")), try #require(page.firstRange(of: "host2")))
    #expect(first.lowerBound < odd.lowerBound)
  }

  @Test func ofTwoThatDisagreeBothAreNamed() throws {
    var fleet = try MadeUpFleet()
    defer { fleet.remove() }
    for number in 0..<2 {
      var result = fleet.result()
      var leg = LegRecord(
        id: "0", block: 0, order: 0, path: .native, workload: Workload("cpu.float"), status: .ok, startedAt: 0)
      leg.answer = AnswerRecord(work: "cpu.float", seed: 7, operations: 64, checksum: UInt64(number + 1))
      result.legs = [leg]
      try fleet.write(result, "host\(number)")
    }
    #expect(report(fleet).wrong.map(\.host) == ["host0", "host1"])
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

  @Test func answersAndReasonsOfLegsAreTakenWhereverTheyStand() {
    let text = #"""
      {"run":{"answer":{"no":1},"reason":"no"},"legs" : [ {"id":"answer","answer" : {"a":{"}":"\"}"}},"reason":"x\"]"},
        {"metrics":[{"answer":{"no":2},"reason":"no"}],"reason" : "y"}, {"reason":null} ],"z":2}
      """#
    let found = FleetResultProbe.legs([UInt8](text.utf8))
    #expect(found.answers == [#"{"a":{"}":"\"}"}}"#] && found.reasons == [#""x\"]""#, #""y""#])
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
