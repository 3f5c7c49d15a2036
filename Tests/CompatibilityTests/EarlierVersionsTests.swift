import Bundles
import Foundation
import History
import Qualification
import Results
import Testing
import Verdicts

/// What a program of an earlier version wrote is read by this one, and means what it meant.
///
/// The files were written by revision bfbd8e34bf5c: a run of `fixture.yaml` with seed 1, kept as a baseline and added to a
/// history; a calibration; and the bundle of a qualification. They are never made anew: they stand for what users have.
@Suite struct EarlierVersionsTests {
  private static let host = "06a84eedde504f8a"
  private static let fixtures = Bundle.module.bundleURL.appending(path: "Fixtures").path
  private static let run = "\(fixtures)/Baselines/\(host)/fixture"

  @Test func aResultIsReadAndWrittenAgainByteForByte() throws {
    let result = try ResultStore.read(Self.run)
    #expect(result.legs.count { ($0.attempt ?? 1) == 1 } == 35 && result.run.suite == "fixture")
    let leg = try #require(result.legs.first { $0.path == Path(.nearmetal, .polled) })
    #expect(leg.workload == Workload("block.randread", ["backing": "file", "bs": "4096", "qd": "1"]))
    let bytes = try Data(contentsOf: URL(filePath: "\(Self.run)/\(ResultStore.fileName)"))
    #expect(try ResultStore.encode(result) == [UInt8](bytes))
  }

  @Test func itsComparisonsAreMadeAnewFromItsLegs() throws {
    let result = try ResultStore.read(Self.run)
    let set = ComparisonBuilder(level: result.run.level, plannedBlocks: result.run.blocks).build(result.legs)
    #expect(set.comparisons.map(\.workload) == result.comparisons.map(\.workload))
    #expect(zip(set.comparisons, result.comparisons).allSatisfy { abs($0.ratio / $1.ratio - 1) < 1e-9 })
    #expect(set.summaries.count == result.summaries.count && !set.summaries.isEmpty)
  }

  @Test func aBaselineIsFoundByItsHost() throws {
    let store = BaselineStore(directory: "\(Self.fixtures)/Baselines")
    let baseline = try #require(try store.list().first)
    #expect(baseline.name == "fixture" && baseline.tool.revision == "bfbd8e34bf5c")
    let base = try store.result("fixture", fingerprint: Self.host)
    let verdict = try Gate.decide(base: base, head: base, GateOptions(alpha: 0.05))
    #expect(
      verdict.comparisons.count { $0.basis != .counts } == 7 && verdict.count(.regression) == 0
        && verdict.count(.improvement) == 0)
  }

  @Test func aCalibrationIsRead() throws {
    let record = try #require(try CalibrationStore(folder: "\(Self.fixtures)/calibration").read(Self.host))
    let noise = try #require(record.metrics.first { $0.metric == "time.p50" })
    #expect(noise.path == .native && noise.workload == Workload("cpu.integer") && noise.blocksForFivePercent == 77)
  }

  @Test func aHistoryIsReadAndRunsAreAddedToItsSeries() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earlier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "history.sqlite").path
    try FileManager.default.copyItem(atPath: "\(Self.fixtures)/history.sqlite", toPath: path)
    let store = try HistoryStore(path: path, creating: false)
    let before = try store.series()
    #expect(before.allSatisfy { $0.host == Self.host && $0.points.count == 1 } && before.count > 10)

    // A later run of the same work whose suite spells a quantity differently.
    var later = try ResultStore.read(Self.run)
    (later.run.id, later.run.startedAt) = ("later", "2027-01-01T00:00:00Z")
    for index in later.comparisons.indices where later.comparisons[index].workload["bs"] != nil {
      later.comparisons[index].workload.parameters["bs"] = "4096"
    }
    #expect(try store.add([later]) == [true])
    let after = try store.series()
    #expect(after.count == before.count && after.allSatisfy { $0.points.map(\.run).last == "later" })
  }

  @Test func aBundleIsVerified() throws {
    let key = try VerifyingKey.read("\(Self.fixtures)/q.pub")
    let report = try BundleVerifier.verify(
      "\(Self.fixtures)/q.tar.zst", key: key, tool: ToolRecord(version: "0.1.0", revision: "test", swift: "6.3"))
    #expect(report.findings.isEmpty, "\(report.findings)")
    // A later version may word a report otherwise: it says which, and which version would not.
    let worded = ["summary.md", "report.html", "junit.xml"]
    for remark in report.remarks ?? [] {
      #expect(worded.contains { remark.hasPrefix("\($0): line ") }, "\(remark)")
      #expect(remark.contains("it was made by 0.1.0 bfbd8e34bf5c"), "\(remark)")
    }
    #expect(report.isSignerTrusted && report.qualification?.requirements.count == 3)
  }
}
