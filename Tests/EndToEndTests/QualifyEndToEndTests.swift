import Foundation
import Glibc
import Testing

extension EndToEnd {
  @Suite("Qualification", .serialized)
  struct QualifyTests {
    private static let profile = """
      profile: tiny
      host:
        - {id: host.kvm, text: KVM can be used., fact: kvm, requirement: blocker}
      checks:
        - {id: check.reboot, text: A guest resets itself twice., check: reboot, times: 2, requirement: blocker}
        - {id: check.soak, text: Some work., check: soak, duration: 15s, requirement: blocker}
        - {id: check.smp, text: Guests start on all processors., check: smp, requirement: blocker}

      """

    private func arguments(_ profile: String, _ folder: Folder) -> [String] {
      ["qualify", "--profile", profile, "--vendor", "V", "--model", "M", "--output", folder.path("q")]
    }

    /// How often a step has begun, by the journal.
    private func beginnings(of step: String, in folder: Folder) -> Int {
      let lines = ((try? folder.text("q/journal.jsonl")) ?? "").split(separator: "\n")
      return lines.count { $0.contains("\"event\":\"started\"") && $0.contains("\"step\":\"\(step)\"") }
    }

    /// Waits until the journal says that a step has begun; false when it does not within a minute.
    private func awaitStep(_ step: String, of process: Process, in folder: Folder) -> Bool {
      for _ in 0..<1200 where process.isRunning {
        if beginnings(of: step, in: folder) > 0 { return true }
        usleep(50_000)
      }
      return false
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aKilledQualificationGoesOnAndItsBundleIsChecked() throws {
      let folder = try Folder()
      let profile = try folder.write("p.yaml", Self.profile)
      let process = try Tool.start(arguments(profile, folder), in: folder)
      let hasBegun = awaitStep("check.soak", of: process, in: folder)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let errors = try folder.text("errors")
      try #require(hasBegun, "\(errors)")

      // The image that was in use had no name, and went with the process.
      let left = try FileManager.default.contentsOfDirectory(atPath: "/var/tmp")
      #expect(
        !left.contains { $0.hasPrefix("nearmetal-disk-\(process.processIdentifier)") || $0.hasPrefix(".nearmetal-") })

      let other = try folder.write("other.yaml", Self.profile + "# another text\n")
      let refused = try Tool.run(arguments(other, folder), in: folder)
      #expect(refused.status == 64 && refused.errors.contains("another text"), "\(refused.errors)")

      let resumed = try Tool.run(arguments(profile, folder), in: folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      let lines = resumed.output.split(separator: "\n")
      for (id, outcome) in [("check.reboot", "pass"), ("check.soak", "pass"), ("check.smp", "pass")] {
        #expect(lines.contains { $0.contains(" \(id) ") && $0.hasPrefix(outcome) }, "\(resumed.output)")
      }
      #expect(beginnings(of: "check.reboot", in: folder) == 1)
      // Killed and begun anew: that says nothing about the host.
      #expect(beginnings(of: "check.soak", in: folder) == 2)
      let again = try Tool.run(arguments(profile, folder), in: folder)
      #expect(again.status == 64 && again.errors.contains("finished"), "\(again.errors)")

      let made = try Tool.run(["bundle", "create", folder.path("q"), "--key", folder.path("k")], in: folder)
      #expect(made.status == 0 && made.errors.contains("made the key"), "\(made.errors)")
      let bundle = folder.path("q.tar.zst")
      let verified = try Tool.run(["bundle", "verify", bundle, "--public-key", folder.path("k.pub")], in: folder)
      #expect(verified.status == 0 && verified.output.contains("the expected key"), "\(verified.errors)")
      var bytes = try Data(contentsOf: URL(filePath: bundle))
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: URL(filePath: bundle))
      #expect(try Tool.run(["bundle", "verify", bundle], in: folder).status == 2)
    }

    @Test func whatIsNoProfileAndNoBundleIsSaid() throws {
      let folder = try Folder()
      let profile = try folder.write(
        "p.yaml", "profile: p\nchecks:\n  - {id: a, text: t, check: magic, requirement: blocker}\n")
      let outcome = try Tool.run(arguments(profile, folder), in: folder)
      #expect(
        outcome.status == 64 && outcome.errors.contains("p.yaml:3:") && outcome.errors.contains(": expected one of"),
        "\(outcome.errors)")
      #expect(!folder.contains("q"))
      #expect(try Tool.run(["bundle", "verify", profile], in: folder).status == 64)
      #expect(try Tool.run(["bundle", "create", folder.path(""), "--key", folder.path("k")], in: folder).status == 64)
      #expect(!folder.contains("k"))
    }
  }
}
