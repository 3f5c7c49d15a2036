import Foundation
import Results
import Testing

extension EndToEnd {
  /// The committed sample, held against itself and against others by the program. Nothing is measured.
  @Suite("Compare", .serialized)
  struct CompareEndToEndTests {
    private static let sample = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Reports/sample"
    ).standardized.path

    private func variant(_ name: String, _ folder: Folder, _ change: (inout RunResult) -> Void) throws -> String {
      var result = try ResultStore.read(Self.sample)
      change(&result)
      try ResultStore.write(result, to: folder.path(name))
      return folder.path(name)
    }

    @Test func runsSideBySideMakeTextJSONAndAPage() throws {
      let folder = try Folder()
      let page = folder.path("compare.html")
      let text = try Tool.run(["compare", Self.sample, Self.sample, "--output", page], in: folder)
      #expect(text.status == 0, "\(text.errors)")
      #expect(text.output.hasPrefix("2 runs, comparable:"))
      #expect(try folder.text("compare.html").contains("<h2 id=\"figures\">Side by side</h2>"))
      let json = try Tool.run(["compare", Self.sample, Self.sample, Self.sample, "--format", "json"], in: folder)
      let value = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect(value["schema"] as? String == "nearmetal.compare/1" && value["isComparable"] as? Bool == true)
      #expect((value["runs"] as? [Any])?.count == 3)
    }

    @Test func anotherHostIsShownAndSaidToBeIncomparable() throws {
      let folder = try Folder()
      let other = try variant("other", folder) { $0.host.fingerprint = "0000000000000000" }
      let outcome = try Tool.run(["compare", Self.sample, other], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("not comparable: they differ in fingerprint"))
    }

    @Test func runsWithoutAFigureInCommonEndWithFive() throws {
      let folder = try Folder()
      let empty = try variant("empty", folder) {
        ($0.legs, $0.comparisons, $0.summaries, $0.claims) = ([], [], [], [])
      }
      let outcome = try Tool.run(["compare", Self.sample, empty], in: folder)
      #expect(outcome.status == 5, "\(outcome.errors)")
      #expect(outcome.errors.contains("expected at least one figure in common"))
    }

    @Test func aMissingResultIsNamedAndNothingIsWritten() throws {
      let folder = try Folder()
      let outcome = try Tool.run(
        ["compare", Self.sample, folder.path("nowhere"), "--output", folder.path("compare.html")], in: folder)
      #expect(outcome.status == 64)
      #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1 && outcome.errors.contains("nowhere"))
      #expect(!folder.contains("compare.html"))
      #expect(try Tool.run(["compare", Self.sample], in: folder).status == 64)
    }
  }
}
