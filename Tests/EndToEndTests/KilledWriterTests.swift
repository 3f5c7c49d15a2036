import Foundation
import Results
import Testing

/// Every command that writes files, killed before each of its writes, and with each of them refused: what was there before is
/// there and whole, and the command can be given again. Beside the other tests of whole commands: next to nothing is measured.
@Suite("Killed at every write", .serialized, .enabled(if: KilledWriter.isPossible, "programs cannot be traced here"))
struct KilledWriterTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "CompatibilityTests/Fixtures").path
  /// The fixture's, not that of the host that tests.
  private static let host = "06a84eedde504f8a"
  private static let result = "\(fixtures)/Baselines/\(host)/fixture"

  /// A folder anew, as another is.
  private func copy(_ source: String, to name: String, in folder: Folder) throws {
    try? FileManager.default.removeItem(atPath: folder.path(name))
    try FileManager.default.copyItem(atPath: source, toPath: folder.path(name))
  }

  /// A refusal is said in one line, and by the exit status.
  private func expectSaid(
    _ fault: KilledWriter.Fault, _ point: String, _ outcome: Tool.Outcome, _ place: SourceLocation
  ) {
    guard fault == .refused, outcome.status != 0 else { return }
    #expect(outcome.status == 74, "\(point): \(outcome.errors)", sourceLocation: place)
    let lines = outcome.errors.split(separator: "\n").filter { $0.contains("cannot ") }
    #expect(lines.count <= 1, "\(point): \(outcome.errors)", sourceLocation: place)
  }

  /// A baseline that is replaced is the old one or the new one, with the note that belongs to it.
  @Test(arguments: KilledWriter.Fault.allCases)
  func aBaselineIsTheOldOneOrTheNewOne(fault: KilledWriter.Fault) throws {
    let folder = try Folder()
    let baselines = folder.path("baselines")
    let record = ["baseline", "record", "x"]
    let directory = ["--directory", baselines]
    var other = try ResultStore.read(Self.result)
    other.run.id += "-other"
    try ResultStore.write(other, to: folder.path("other"), replacing: true)
    let points = try KilledWriter.everyPoint(fault, in: folder) {
      try? FileManager.default.removeItem(atPath: baselines)
      let first = try Tool.run(record + [Self.result, "--note", "old"] + directory, in: folder)
      #expect(first.status == 0, "\(first.errors)")
      return record + [folder.path("other"), "--note", "new", "--replace"] + directory
    } check: { point, outcome in
      expectSaid(fault, point, outcome, #_sourceLocation)
      let shown = try Tool.run(["baseline", "show", "x", "--host", Self.host] + directory, in: folder)
      #expect(shown.status == 0, "\(point): \(shown.errors)")
      let kept = try ResultStore.read("\(baselines)/\(Self.host)/x")
      let isNew = kept.run.id == other.run.id
      #expect(shown.output.contains(isNew ? "new" : "old"), "\(point): \(shown.output)")
      let again = try Tool.run(
        record + [folder.path("other"), "--note", "new", "--replace"] + directory, in: folder)
      #expect(again.status == 0, "\(point): \(again.errors)")
    }
    #expect(points >= 6)
  }

  /// A first baseline is there as a whole or is none, and can be recorded.
  @Test(arguments: KilledWriter.Fault.allCases)
  func aFirstBaselineIsWholeOrNone(fault: KilledWriter.Fault) throws {
    let folder = try Folder()
    let directory = ["--directory", folder.path("baselines")]
    let record = ["baseline", "record", "x", Self.result, "--note", "first"] + directory
    let points = try KilledWriter.everyPoint(fault, in: folder) {
      try? FileManager.default.removeItem(atPath: folder.path("baselines"))
      return record
    } check: { point, outcome in
      expectSaid(fault, point, outcome, #_sourceLocation)
      let list = try Tool.run(["baseline", "list"] + directory, in: folder)
      #expect(list.status == 0, "\(point): \(list.errors)")
      let isThere = try Tool.run(["baseline", "show", "x", "--host", Self.host] + directory, in: folder).status == 0
      let again = try Tool.run(record + (isThere ? ["--replace"] : []), in: folder)
      #expect(again.status == 0, "\(point): \(again.errors)")
    }
    #expect(points >= 6)
  }

  /// Files made from a result: each is the old one or the new one, and the result is never touched.
  @Test(arguments: KilledWriter.Fault.allCases)
  func aReportsFilesAreOldOrNew(fault: KilledWriter.Fault) throws {
    let folder = try Folder()
    try copy(Self.result, to: "made", in: folder)
    #expect(try Tool.run(["report", folder.path("made")], in: folder).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("made"))
    try #require(names.count > 4)
    let points = try KilledWriter.everyPoint(fault, in: folder) {
      try? FileManager.default.removeItem(atPath: folder.path("out"))
      try FileManager.default.createDirectory(atPath: folder.path("out"), withIntermediateDirectories: true)
      for name in names { _ = try folder.write("out/\(name)", "old") }
      try copy("\(Self.result)/result.json", to: "out/result.json", in: folder)
      return ["report", folder.path("out")]
    } check: { point, outcome in
      expectSaid(fault, point, outcome, #_sourceLocation)
      for name in names {
        let found = FileManager.default.contents(atPath: folder.path("out/\(name)"))
        let isNew = found == FileManager.default.contents(atPath: folder.path("made/\(name)"))
        #expect(isNew || found == Data("old".utf8), "\(point): \(name)")
      }
    }
    #expect(points >= names.count)
  }

  /// A history keeps what it had, and the run that was added is there as a whole or not at all.
  @Test(arguments: KilledWriter.Fault.allCases)
  func aHistoryKeepsWhatItHad(fault: KilledWriter.Fault) throws {
    let folder = try Folder()
    let database = ["--database", folder.path("history/h.sqlite")]
    try copy(Self.result, to: "first", in: folder)
    var other = try ResultStore.read(Self.result)
    other.run.id += "-other"
    try ResultStore.write(other, to: folder.path("second"), replacing: true)
    try FileManager.default.createDirectory(atPath: folder.path("one"), withIntermediateDirectories: true)
    let first = ["history", "add", folder.path("first"), "--database", folder.path("one/h.sqlite")]
    #expect(try Tool.run(first, in: folder).status == 0)
    let points = try KilledWriter.everyPoint(fault, in: folder) {
      try copy(folder.path("one"), to: "history", in: folder)
      return ["history", "add", folder.path("second")] + database
    } check: { point, outcome in
      expectSaid(fault, point, outcome, #_sourceLocation)
      let list = try Tool.run(["history", "list"] + database, in: folder)
      #expect(list.status == 0 && list.output.contains(other.run.id.dropLast(6)), "\(point): \(list.errors)")
      let again = try Tool.run(["history", "add", folder.path("second")] + database, in: folder)
      #expect(again.status == 0, "\(point): \(again.errors)")
      let both = try Tool.run(["history", "list"] + database, in: folder)
      #expect(both.output.contains(other.run.id), "\(point): \(both.output)")
    }
    #expect(points >= 4)
  }

  /// A bundle is there, signed and whole, or is not; the key that signs it is never half of one.
  @Test(arguments: KilledWriter.Fault.allCases)
  func aBundleIsWholeOrNotThere(fault: KilledWriter.Fault) throws {
    let folder = try Folder()
    let tar = try Tool.run(
      ["--zstd", "-xf", "\(Self.fixtures)/q.tar.zst", "-C", folder.path("")], with: "/usr/bin/tar", in: folder)
    try #require(tar.status == 0, "\(tar.errors)")
    try FileManager.default.createDirectory(atPath: folder.path("q"), withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path(""))
    where !["q", "output", "errors", "manifest.json", "manifest.sig", "signer.pem"].contains(name) {
      try FileManager.default.moveItem(atPath: folder.path(name), toPath: folder.path("q/\(name)"))
    }
    // Tables name the program that made them.
    let made = try Tool.run(["report", folder.path("q")], in: folder)
    try #require(made.status == 0, "\(made.errors)")
    let create = ["bundle", "create", folder.path("q"), "--key", folder.path("k"), "--output", folder.path("b")]
    let points = try KilledWriter.everyPoint(fault, in: folder) {
      for name in ["b", "b.sig", "k", "k.pub"] { try? FileManager.default.removeItem(atPath: folder.path(name)) }
      return create
    } check: { point, outcome in
      expectSaid(fault, point, outcome, #_sourceLocation)
      let verify = ["bundle", "verify", folder.path("b"), "--public-key", folder.path("k.pub")]
      if folder.contains("b"), folder.contains("b.sig"), folder.contains("k.pub") {
        let verified = try Tool.run(verify, in: folder)
        #expect(verified.status == 0, "\(point): \(verified.errors)")
      }
      let again = try Tool.run(create, in: folder)
      #expect(again.status == 0, "\(point): \(again.errors)")
      let whole = try Tool.run(verify, in: folder)
      #expect(whole.status == 0, "\(point): \(whole.errors)")
    }
    #expect(points >= 6)
  }

  /// A copy of an image is there as a whole or not at all, and the image that it is made from stays as it is.
  @Test(arguments: KilledWriter.Fault.allCases, ["vhd", "vmdk", "qcow2"])
  func aConvertedImageIsWholeOrNotThere(fault: KilledWriter.Fault, format: String) throws {
    let folder = try Folder()
    let source = folder.path("a.raw")
    var bytes = Data(count: 1 << 20)
    for index in stride(from: 0, to: bytes.count, by: 200_000) { bytes[index] = UInt8(index >> 12 & 0xff) | 1 }
    try bytes.write(to: URL(filePath: source))
    let convert = ["image", "convert", "-q", source, folder.path("b.\(format)")]
    // Its files are written at places; by write its threads wake each other, which no device can refuse.
    let calls = KilledWriter.changes.filter { $0 != "write" }
    let points = try KilledWriter.everyPoint(fault, calls: calls, in: folder) {
      try? FileManager.default.removeItem(atPath: folder.path("b.\(format)"))
      return convert
    } check: { point, outcome in
      expectSaid(fault, point, outcome, #_sourceLocation)
      #expect(FileManager.default.contents(atPath: source) == bytes)
      if !folder.contains("b.\(format)") {
        let again = try Tool.run(convert, in: folder)
        #expect(again.status == 0, "\(point): \(again.errors)")
      }
      let same = try Tool.run(["image", "compare", source, folder.path("b.\(format)")], in: folder)
      #expect(same.status == 0, "\(point): \(same.output) \(same.errors)")
    }
    #expect(points >= 6)
  }

  /// A run that is killed at any moment at which its journal or its result reaches the disk goes on with the blocks that it had.
  @Test func aRunGoesOnWithTheBlocksThatItHad() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "suite.yaml",
      "name: s\nblocks: 2\nwarmup: 1ms\nwindow: 1ms\nturn: none\nmemory: 64MiB\nmachines: [native]\nworkloads: [cpu.integer]\n"
    )
    let out = folder.path("out")
    let calls = ["fsync", "fdatasync", "rename", "unlink", "truncate", "ftruncate", "mkdir"]
    let points = try KilledWriter.everyPoint(.killed, calls: calls, in: folder) {
      try? FileManager.default.removeItem(atPath: out)
      return ["run", suite, "--output", out, "--seed", "7", "--counters", "none"]
    } check: { point, _ in
      let kept = try? KeptRun.read(out)
      if let result = try? ResultStore.read(out) {
        #expect(Set(result.legs.map(\.block)) == [0, 1], "\(point)")
        return
      }
      let go = kept == nil ? ["run", suite, "--output", out, "--seed", "7"] : ["run", "--resume", out]
      let resumed = try Tool.run(go, in: folder)
      #expect(resumed.status == 0, "\(point): \(resumed.errors)")
      let result = try ResultStore.read(out)
      #expect(Set(result.legs.map(\.block)) == [0, 1], "\(point)")
      if let kept, kept.blocks > 0 {
        #expect(result.run.resumptions?.map(\.blocks) == [kept.blocks], "\(point)")
      }
    }
    #expect(points >= 6)
  }
}
