import Definitions
import Results
import Testing

@Suite("Profiles")
struct ProfileReaderTests {
  private func read(_ text: String) throws(DefinitionError) -> Profile {
    try ProfileReader.parse(Array(text.utf8), path: "p.yaml")
  }

  private func problem(_ text: String) -> DefinitionError? {
    do throws(DefinitionError) {
      _ = try read(text)
      return nil
    } catch { return error }
  }

  @Test func theShippedOnesAreReadAndAreNoSuites() throws {
    #expect(ProfileReader.shipped == ["qualify-full", "qualify-smoke"])
    #expect(Set(SuiteReader.shipped).isDisjoint(with: ProfileReader.shipped))
    for name in ProfileReader.shipped {
      let profile = try ProfileReader.read(name)
      #expect(profile.name == name)
      #expect(profile.checks.count == 5)
      #expect(!profile.claims.isEmpty)
    }
  }

  @Test func aProfileIsReadAsItStands() throws {
    let profile = try read(
      """
      profile: p
      host:
        - {id: h, text: Memory., fact: memory, at-least: 4GiB, requirement: blocker}
      checks:
        - {id: c, text: Soak., check: soak, duration: 2h, requirement: optional}
      """)
    #expect(
      profile.host == [
        HostRequirement(id: "h", text: "Memory.", requirement: .blocker, fact: .memory(atLeast: 4 << 30))
      ])
    #expect(profile.checks.first?.work == .soak(duration: 7_200_000_000_000))
  }

  @Test(arguments: [
    (
      "profile: p\nhost:\n  - {id: a, text: t, fact: magic, requirement: blocker}", 3, "one of clock-source-tsc",
      "magic"
    ),
    (
      "profile: p\nhost:\n  - {id: a, text: t, fact: kvm, requirement: must}", 3,
      "one of blocker, non-blocker, optional",
      "must"
    ),
    ("profile: p\nhost:\n  - {id: a, text: t, fact: kvm, at-least: 2, requirement: blocker}", 3, "no at-least", "2"),
    ("profile: p\nchecks:\n  - {id: a, text: t, check: memory, share: 1.5, requirement: blocker}", 3, "a share", "1.5"),
    (
      "profile: p\nchecks:\n  - {id: a, text: t, check: soak, duration: soon, requirement: blocker}", 3, "a duration",
      "soon"
    ),
    ("profile: p\nchecks:\n  - {id: ../a, text: t, check: smp, requirement: blocker}", 3, "an id", "../a"),
    ("profile: p\nhost:\n  - {id: a, text: t, fact: kvm, requirement: blocker}\nmore: 1", 4, "one of profile", "more"),
    (
      "profile: p\nperformance:\n  suite: {name: s, workloads: [cpu.unheard]}\n  claims: []", 3, "a workload",
      "cpu.unheard"
    ),
    ("profile: p", 1, "at least one requirement", "none"),
  ])
  func whatIsWrongIsSaidWithItsLine(_ text: String, line: Int, expected: String, found: String) throws {
    let error = try #require(problem(text))
    #expect(error.line == line)
    #expect(error.expected.hasPrefix(expected), "\(error)")
    #expect(error.found == found, "\(error)")
  }

  @Test func aClaimAboutWhatIsNotMeasuredIsRefused() throws {
    let error = try #require(
      problem(
        """
        profile: p
        performance:
          suite: {name: s, workloads: [cpu.integer]}
          claims:
            - {id: c, text: t, source: s, workload: memory.copy, metric: bandwidth, machine: nearmetal, mode: guest, margin: 0.9, requirement: blocker}
        """))
    #expect(error.found == "c about memory.copy")
  }
}
