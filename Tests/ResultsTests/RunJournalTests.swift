import Foundation
import LinuxSystem
import Testing

@testable import Results

@Suite struct RunJournalTests {
  /// A folder that is removed with its owner.
  private final class Folder {
    let path = NSTemporaryDirectory() + "nearmetal-journal-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private func leg(_ block: Int) -> LegRecord { MadeUp.leg(block, .native, .native, metrics: [MadeUp.iops(1000)]) }

  /// A journal of three whole blocks and a leg of the fourth.
  private func write(_ folder: Folder) throws -> RunResult {
    let begun = RunResult(run: MadeUp.run(blocks: 4), host: MadeUp.host, legs: [])
    let journal = try RunJournal(beginning: begun, in: folder.path) { Issue.record("\($0)") }
    for block in 0..<3 {
      journal.append([leg(block)])
      journal.end(
        RunJournal.BlockEnd(blocks: block + 1, began: Double(block), ended: Double(block + 1), run: begun.run))
    }
    journal.append([leg(3)])
    return begun
  }

  @Test func whatWasKeptIsReadBack() throws {
    let folder = try Folder()
    let begun = try write(folder)
    let kept = try KeptRun.read(folder.path)
    #expect(kept.blocks == 3 && kept.wholeLegs == (0..<3).map(leg) && kept.result.legs == (0..<4).map(leg))
    #expect(kept.result.run.interrupted && kept.result.run.id == begun.run.id && kept.end?.ended == 3)
    let resumed = kept.resumed(at: "2026-01-02T03:04:05Z")
    #expect(!resumed.interrupted && resumed.resumptions?.map(\.blocks) == [3])
  }

  /// Cut at places all over it: what was whole before is read back.
  @Test func whereverItIsCutTheBlocksBeforeAreThere() throws {
    let folder = try Folder()
    _ = try write(folder)
    let path = "\(folder.path)/\(RunJournal.fileName)"
    let bytes = try AtomicFile.read(path)
    let first = try #require(bytes.firstIndex(of: 0x0a))
    // The end of each line, and whether it ends a block.
    var ends: [(place: Int, blocks: Int)] = []
    var (start, blocks) = (0, 0)
    for place in bytes.indices where bytes[place] == 0x0a {
      if bytes[start...place].starts(with: Array(#"{"block":"#.utf8)) { blocks += 1 }
      ends.append((place + 1, blocks))
      start = place + 1
    }
    for length in stride(from: 0, through: bytes.count, by: 97) {
      try AtomicFile.write(Array(bytes[..<length]), to: path)
      guard length > first else {
        #expect(throws: DocumentReadError.self) { try KeptRun.read(folder.path) }
        continue
      }
      let kept = try KeptRun.read(folder.path)
      #expect(kept.blocks == ends.last { $0.place <= length }?.blocks, "\(length)")
    }
  }

  @Test func whatALossOfPowerLeftBehindTheLastWholeBlockIsLeftOut() throws {
    let folder = try Folder()
    _ = try write(folder)
    let path = "\(folder.path)/\(RunJournal.fileName)"
    try AtomicFile.append([UInt8](repeating: 0, count: 5000) + [0x0a, 0x7b, 0x0a], to: path)
    let kept = try KeptRun.read(folder.path)
    #expect(kept.blocks == 3)
    // Going on cuts it off.
    let journal = try RunJournal(resuming: kept, in: folder.path) { Issue.record("\($0)") }
    journal.append([leg(3)])
    journal.end(RunJournal.BlockEnd(blocks: 4, began: 3, ended: 4, run: kept.result.run))
    let more = try KeptRun.read(folder.path)
    #expect(more.blocks == 4 && more.wholeLegs == (0..<4).map(leg))
  }

  @Test func damageBeforeTheLastWholeBlockIsSaid() throws {
    let folder = try Folder()
    _ = try write(folder)
    let path = "\(folder.path)/\(RunJournal.fileName)"
    var bytes = try AtomicFile.read(path)
    let first = try #require(bytes.firstIndex(of: 0x0a))
    bytes[first + 3] = 0x00
    try AtomicFile.write(bytes, to: path)
    let error = #expect(throws: DocumentReadError.self) { try KeptRun.read(folder.path) }
    #expect(error?.description.contains("run.jsonl:2") == true)
  }

  @Test(arguments: [
    ("\"ended\":3", "\"ended\":1e300"), ("\"ended\":3", "\"ended\":-1"),
    ("\"blocks\":3,", "\"blocks\":-9223372036854775808,"),
    ("\"began\":2", "\"began\":7"),
  ])
  func numbersThatNoRunHasAreRefused(number: String, other: String) throws {
    let folder = try Folder()
    _ = try write(folder)
    let path = "\(folder.path)/\(RunJournal.fileName)"
    let text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
    #expect(text.contains(number))
    try AtomicFile.write([UInt8](text.replacing(number, with: other).utf8), to: path)
    #expect(throws: DocumentReadError.self) { try KeptRun.read(folder.path) }
  }

  @Test func aJournalThatCannotBeWrittenSaysSoOnce() throws {
    // A device that is always full stands for the disk.
    var complaints = 0
    let journal = try RunJournal(writingTo: "/dev/full") { _ in complaints += 1 }
    for block in 0..<3 { journal.append([leg(block)]) }
    #expect(complaints == 1)
  }

  @Test func aDirectoryWithAJournalTakesNoOtherRun() throws {
    let folder = try Folder()
    _ = try write(folder)
    let error = #expect(throws: ResultWriteError.self) { try ResultStore.prepare(folder.path) }
    #expect(error?.description.contains("--resume \(folder.path)") == true && error?.isOfOutput == false)
    try ResultStore.prepare(folder.path, replacing: true)
  }

  @Test func aDirectoryWithoutRoomIsSaidBefore() throws {
    let folder = try Folder()
    let error = #expect(throws: ResultWriteError.self) { try ResultStore.prepare(folder.path, legs: 1 << 40) }
    #expect(error?.isOfOutput == true && error?.description.contains("MiB are free there") == true)
  }
}
