import Testing
import Topology

@Suite struct FNV1aTests {
  /// The published test vectors of the hash's authors.
  @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
  func agreesWithThePublishedVectors(text: String, expected: String) {
    var hash = FNV1a()
    hash.add(text.utf8)
    #expect(hash.hexadecimal == expected)
  }

  @Test func doesNotDependOnHowTheBytesAreCut() {
    var (whole, parts) = (FNV1a(), FNV1a())
    whole.add("near metal".utf8)
    parts.add("near ".utf8)
    parts.add("metal".utf8)
    #expect(whole.value == parts.value)
  }
}
