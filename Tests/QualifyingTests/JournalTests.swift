import Foundation
import LinuxSystem
import Qualification
import Results
import Testing

@testable import Qualifying

@Suite("Journal")
struct JournalTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path

  private func header() -> JournalHeader {
    let hashed = QualificationRecord.Hashed(name: "x", sha256: "00")
    return JournalHeader(
      schema: JournalFile.currentSchema, id: "1", startedAt: "2026-11-23T10:00:00Z", profile: hashed, program: hashed,
      guest: hashed, fingerprint: "f", subject: Subject(vendor: "v", model: "m"),
      tool: ToolRecord(version: "1", revision: "r", swift: "6.2"), seed: Seed(7))
  }

  private func withJournal(_ body: (Journal) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(try Journal.begin(folder, header()))
  }

  @Test func whatWasFinishedAndWhatWasOpenIsKnownAfterwards() throws {
    try withJournal { journal in
      try journal.append(.started, step: "a")
      try journal.append(.finished, step: "a")
      try journal.append(.started, step: "b")
      let state = JournalState(try Journal.resume(folder).entries)
      #expect(state.finished == ["a"])
      #expect(state.open?.step == "b")
      #expect(state.open?.boot == Journal.boot)
      #expect(!state.hasEnded("b"))
    }
  }

  @Test func aStepThatTheUserEndedHasNotCrashed() throws {
    try withJournal { journal in
      try journal.append(.started, step: "a")
      try journal.append(.paused, step: "a", reason: "ended by the user")
      let state = JournalState(try Journal.resume(folder).entries)
      #expect(state.open == nil)
      #expect(!state.hasEnded("a"))
    }
  }

  @Test func aStepOfThisBootWasInterruptedAndOneOfAnEarlierBootCrashed() throws {
    let log = QualificationLog(path: "/dev/null")
    try withJournal { journal in
      try journal.append(.started, step: "a")
      try Qualifier.settle(journal, log, diskDirectory: "/nowhere")
      let state = JournalState(try Journal.resume(folder).entries)
      #expect(state.crashes.isEmpty && state.open == nil && !state.hasEnded("a"))
    }
    try withJournal { journal in
      try journal.append(.started, step: "a")
      let path = "\(folder)/\(JournalFile.name)"
      let text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
      let earlier = text.replacingOccurrences(of: Journal.boot, with: "another boot")
      try AtomicFile.write(Array(earlier.utf8), to: path)
      let resumed = try Journal.resume(folder)
      try Qualifier.settle(resumed, log, diskDirectory: "/nowhere")
      #expect(JournalState(resumed.entries).crashes["a"]?.contains("the host went down") == true)
    }
  }

  @Test func aLineThatACrashCutShortCountsAsNotWritten() throws {
    try withJournal { journal in
      try journal.append(.started, step: "a")
      let path = "\(folder)/\(JournalFile.name)"
      let whole = try AtomicFile.read(path)
      try AtomicFile.write(whole + Array("{\"event\":\"finis".utf8), to: path)
      let resumed = try Journal.resume(folder)
      #expect(resumed.entries == journal.entries)
      try resumed.append(.crashed, step: "a", reason: "why")
      #expect(JournalState(try Journal.resume(folder).entries).crashes == ["a": "why"])
    }
  }

  @Test func aFileThatIsNoJournalIsSaidWithItsLine() throws {
    #expect(throws: QualificationError.self) { try JournalFile.parse(Array("{}\n".utf8), path: "j") }
    #expect(throws: QualificationError.self) { try JournalFile.parse([], path: "j") }
  }
}
