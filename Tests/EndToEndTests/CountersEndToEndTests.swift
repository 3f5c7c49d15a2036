import Foundation
import Glibc
import Results
import Testing

extension EndToEnd {
  @Suite("Counters", .serialized)
  struct CountersEndToEndTests {
    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func theAuditAgreesOrSaysWhyNot() throws {
      let folder = try Folder()
      let outcome = try Tool.run(["counters", "audit", "--format", "json"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
      let audit = try JSONDecoder().decode(AuditRecord.self, from: Data(outcome.output.utf8))
      for check in audit.checks {
        switch check.verdict {
        case .agrees: #expect(check.known == check.counted || check.counter == "task-clock", "\(check)")
        case .explained, .skipped: #expect(check.why?.isEmpty == false, "\(check)")
        case .disagrees: Issue.record("\(check)")
        }
      }
      // KVM counts every exit to user space itself, on every backend.
      #expect(audit.trust(of: "vcpu.exits") == .trusted)
    }

    @Test func eventsAreListedByAPartOfTheirName() throws {
      let folder = try Folder()
      let outcome = try Tool.run(["list", "events", "task*CLOCK", "--format", "json"], in: folder)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("\"task-clock\"") && !outcome.output.contains("page-faults"))
    }

    @Test func aReaderThatGoesAwayEndsTheListQuietly() throws {
      let folder = try Folder()
      let line = "'\(Tool.path)' list events | head -n 1 >/dev/null; echo ${PIPESTATUS[1]}"
      let outcome = try Tool.run(["-c", line], with: "/bin/bash", in: folder)
      #expect(outcome.output == "0\n" && !outcome.errors.lowercased().contains("fatal"), "\(outcome.errors)")
    }

    @Test func anEventThatNothingKnowsIsRefusedBeforeAnythingRuns() throws {
      let folder = try Folder()
      let outcome = try Tool.run(
        ["run", "exits", "--counters", "NO_SUCH_EVENT", "--output", folder.path("out")], in: folder)
      #expect(outcome.status == (Tool.hasKVM ? 64 : 69), "\(outcome.errors)")
      #expect(!folder.contains("out"))
      let twice = try Tool.run(["run", "exits", "--counters", "vm,vm"], in: folder)
      #expect(twice.status == 64 && twice.errors.contains("--counters"))
    }
  }
}
