import Foundation
import Testing

/// The guide and README: every relative link leads somewhere, and README is short.
@Suite struct DocumentationLinkTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every page for people that the repository holds.
  private static let pages: [String] = {
    let folders = ["", "Documentation", "Reports", "Baselines", "ci/lane", "Tests/Field"]
    return folders.flatMap { folder -> [String] in
      let path = root.appending(path: folder).path
      let names =
        folder == "Documentation"
        ? FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        : (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      return names.filter { $0.hasSuffix(".md") }.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }.sorted()
  }()

  private static func text(_ page: String) throws -> String {
    try String(contentsOf: root.appending(path: page), encoding: .utf8)
  }

  /// Targets of links and images, without those in code.
  private static func links(_ text: String) -> [String] {
    let prose = text.replacing(/(?s)```.*?```/, with: "").replacing(/`[^`\n]*`/, with: "")
    return prose.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
  }

  /// The anchors that GitHub gives a page's headings.
  private static func anchors(_ text: String) -> Set<String> {
    Set(
      text.matches(of: /(?m)^#+ +(.+)$/).map { match in
        String(match.output.1.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" })
          .replacing(" ", with: "-")
      })
  }

  @Test func thereAreSuchPages() {
    #expect(Self.pages.contains("README.md") && Self.pages.contains("Documentation/how-to/gate.md"))
    #expect(Self.pages.count > 20)
  }

  @Test func everyRelativeLinkLeadsSomewhere() throws {
    for page in Self.pages {
      for link in Self.links(try Self.text(page)) where !link.contains("://") && !link.hasPrefix("mailto:") {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = Self.root.appending(path: page).deletingLastPathComponent()
        let target = parts[0].isEmpty ? Self.root.appending(path: page) : folder.appending(path: String(parts[0]))
        #expect(FileManager.default.fileExists(atPath: target.path), "\(page): \(link)")
        if parts.count == 2, target.pathExtension == "md" {
          let text = try String(contentsOf: target, encoding: .utf8)
          #expect(Self.anchors(text).contains(String(parts[1])), "\(page): \(link)")
        }
      }
    }
  }

  @Test func everyPageOfTheGuideIsReachedFromItsFirst() throws {
    var found: Set<String> = []
    var open = ["Documentation/README.md"]
    while let page = open.popLast() {
      guard found.insert(page).inserted, Self.pages.contains(page) else { continue }
      let folder = Self.root.appending(path: page).deletingLastPathComponent()
      for link in Self.links(try Self.text(page)) where !link.contains("://") {
        let path = folder.appending(path: String(link.prefix { $0 != "#" })).standardized.path
        if path.hasPrefix(Self.root.path + "/") { open.append(String(path.dropFirst(Self.root.path.count + 1))) }
      }
    }
    for page in Self.pages where page.hasPrefix("Documentation/") { #expect(found.contains(page), "\(page)") }
  }

  @Test func theFirstPageIsShort() throws {
    #expect(try Self.text("README.md").utf8.count <= 6 * 1024)
  }
}
