import Definitions
import Results
import Testing

/// YAML as an attacker writes it is refused before it is parsed. None of these would end within a minute, or without a stack's
/// overflow, if it were parsed first.
@Suite struct HostileYAMLTests {
  private func problem(_ text: String) -> DefinitionError? {
    do throws(DefinitionError) {
      _ = try ProfileReader.parse(Array(text.utf8), path: "p.yaml")
      return nil
    } catch { return error }
  }

  /// Each level holds the one below twice; the last is a mapping's key, which has to be hashed.
  @Test func aliasesThatUnfoldEachOtherAreRefused() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...27 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    text += "? *a27\n: 1\n"
    #expect(problem(text)?.description.contains("at most 16 aliases") == true)
  }

  @Test(arguments: [
    String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 50_000),
    "x:\n " + String(repeating: "- ", count: 100_000) + "1\n",
    (0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
  ])
  func whatIsNestedTooDeeplyIsRefused(text: String) {
    #expect(problem(text)?.description.contains("levels of lists and mappings") == true)
  }

  @Test func aFileThatIsTooLongIsRefused() {
    #expect(problem(String(repeating: "# comment\n", count: 110_000))?.description.contains("1024 KiB") == true)
  }

  @Test func aFewAliasesAndDeepListsAreRead() throws {
    let text = """
      profile: p
      host:
        - &h {id: h, text: "a * b, *c* and [d]", fact: memory, at-least: 4GiB, requirement: &r blocker}
        - {id: i, text: KVM., fact: kvm, requirement: *r}
      """
    #expect(try ProfileReader.parse(Array(text.utf8), path: "p.yaml").host.count == 2)
  }
}
