import Foundation
import Results
import Testing
import Verdicts

@Suite("Baselines")
struct BaselineTests {
  let directory = NSTemporaryDirectory() + "nearmetal-baselines-" + UUID().uuidString
  let run = MadeUp.result("r1", iops: [1, 2, 3, 4, 5])

  func store() -> BaselineStore { BaselineStore(directory: directory) }

  @Test("What is recorded is listed, found with its run, and gone after it is deleted")
  func wholeLife() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let made = try store().record(run, name: "main", note: "before 6.13", recordedAt: "2026-11-23T10:00:00Z")
    #expect(try store().list() == [made] && made.fingerprint == "f00d" && made.note == "before 6.13")
    #expect(made.command == ["nearmetal"] && made.suite == "quick" && made.tool.revision == "r1")
    #expect(try store().result("main", fingerprint: "f00d") == run)
    try store().delete("main", fingerprint: "f00d")
    #expect(try store().list() == [] && !FileManager.default.fileExists(atPath: directory + "/f00d"))
  }

  @Test func aFileOfAnotherKindIsKeptByItsName() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let made = try store().record(run, as: "bill.json", [1, 2], name: "main", recordedAt: "t")
    let folder = try store().path("main", fingerprint: "f00d")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["baseline.json", "bill.json"])
    #expect(try store().list() == [made])
    _ = try store().record(run, as: "bill.json", [3], name: "main", recordedAt: "t", replacing: true)
    #expect(try Data(contentsOf: URL(filePath: folder + "/bill.json")) == Data([3]))
    try store().delete("main", fingerprint: "f00d", fileName: "bill.json")
    #expect(!FileManager.default.fileExists(atPath: directory + "/f00d"))
  }

  @Test("A baseline is replaced only when that is asked for")
  func replacing() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    _ = try store().record(run, name: "main", recordedAt: "2026-11-23T10:00:00Z")
    let other = MadeUp.result("r2", iops: [1, 2, 3, 4, 5])
    #expect(throws: BaselineError.self) { try store().record(other, name: "main", recordedAt: "t") }
    #expect(try store().result("main", fingerprint: "f00d").run.id == "r1")
    _ = try store().record(other, name: "main", recordedAt: "t", replacing: true)
    #expect(try store().result("main", fingerprint: "f00d").run.id == "r2")
  }

  @Test("One of another host is missing here, and the host that has it is named")
  func otherHost() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    _ = try store().record(run, name: "main", recordedAt: "t")
    #expect(
      throws: BaselineError.missing(name: "main", fingerprint: "beef", directory: directory, others: ["f00d"])
    ) { try store().find("main", fingerprint: "beef") }
  }

  @Test(
    "Names that would leave the directory are refused", arguments: ["../x", "", ".hidden", "a/b", "-r", "ä", "a b"])
  func names(name: String) {
    #expect(throws: BaselineError.badName(name)) { try store().record(run, name: name, recordedAt: "t") }
    var forged = run
    forged.host.fingerprint = name
    #expect(throws: BaselineError.badFingerprint(name)) { try store().record(forged, name: "x", recordedAt: "t") }
    #expect(!FileManager.default.fileExists(atPath: directory))
  }

  @Test("A damaged record is said with its path")
  func damaged() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    _ = try store().record(run, name: "main", recordedAt: "t")
    try "{".write(toFile: directory + "/f00d/main/baseline.json", atomically: true, encoding: .utf8)
    let error = #expect(throws: BaselineError.self) { try store().list() }
    #expect(error?.description.contains("f00d/main/baseline.json") == true)
  }
}

@Suite("Comparing hosts")
struct HostComparisonTests {
  let identity = ["cpu.model", "memory.total", "kvm.backend"]

  @Test("Hosts with one fingerprint are comparable, and what changed between them is listed")
  func comparable() {
    var head = MadeUp.host
    head.kernel["kernel.release"] = "6.13"
    let comparison = HostComparison(base: MadeUp.host, head: head, identity: identity)
    #expect(comparison.isComparable && comparison.obstacle.isEmpty)
    #expect(comparison.differences.map(\.fact) == ["kernel.release"] && comparison.differences[0].base == nil)
  }

  @Test("Others are not, and the facts that make them so come first")
  func incomparable() {
    var head = MadeUp.host
    head.fingerprint = "beef"
    head.cpu["cpu.model"] = "Other"
    head.cpu["cpu.age"] = "old"
    let comparison = HostComparison(base: MadeUp.host, head: head, identity: identity)
    #expect(!comparison.isComparable && comparison.differences.map(\.fact) == ["cpu.model", "cpu.age"])
    #expect(comparison.obstacle == "cpu.model is Example 9000 in the base and Other in the head")
  }

  @Test("Where the results do not hold the fact that differs, the fingerprints are shown")
  func unknown() {
    var head = MadeUp.host
    head.fingerprint = "beef"
    let comparison = HostComparison(base: MadeUp.host, head: head, identity: identity)
    #expect(comparison.obstacle == "fingerprint is f00d in the base and beef in the head")
  }
}
