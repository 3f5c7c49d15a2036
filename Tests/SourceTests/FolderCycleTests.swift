import Foundation
import Testing

/// Files of different folders of a target do not need each other in a circle: what one folder is for can be understood without
/// the others. A file needs another one where it names a type that the other declares; members of extensions are not seen.
@Suite struct FolderCycleTests {
  /// Texts of files by their path in the target.
  private typealias Files = [String: String]

  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources")

  private static let targets: [String] =
    (try? FileManager.default.contentsOfDirectory(atPath: sources.path))?.sorted() ?? []

  private static func files(_ target: String) throws -> Files {
    let folder = sources.appending(path: target)
    var files: Files = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where path.hasSuffix(".swift") {
      files[path] = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }
    return files
  }

  /// The code without its comments and the texts in it.
  private static func code(_ text: String) -> String {
    text.replacing(/"""(?s:.*?)"""/, with: "").replacing(/"(?:\\.|[^"\\\n])*"/, with: "").replacing(
      /\/\/[^\n]*/, with: "")
  }

  /// Files that need each other in a circle and lie in different folders.
  private static func circles(_ files: Files) -> [[String]] {
    let code = files.mapValues(Self.code)
    let declaration =
      /^(?:(?:public|package|internal|final|indirect|@\w+) )*(?:struct|class|enum|protocol|actor|typealias) (\w+)/
      .anchorsMatchLineEndings()
    var home: [String: String] = [:]
    for (path, text) in code.sorted(by: { $0.key < $1.key }) {
      for match in text.matches(of: declaration) where home[String(match.1)] == nil { home[String(match.1)] = path }
    }
    var needs: [String: Set<String>] = [:]
    for (path, text) in code {
      let words = text.matches(of: /\b[A-Z]\w*/).map { String($0.output) }
      needs[path] = Set(words.compactMap { home[$0] }).subtracting([path])
    }
    func reached(_ start: String) -> Set<String> {
      var (seen, open): (Set<String>, [String]) = ([], [start])
      while let next = open.popLast() {
        for file in needs[next] ?? [] where seen.insert(file).inserted { open.append(file) }
      }
      return seen
    }
    let reach = Dictionary(uniqueKeysWithValues: files.keys.map { ($0, reached($0)) })
    var circles: Set<[String]> = []
    for (path, others) in reach where others.contains(path) {
      let circle = ([path] + others.filter { $0 != path && reach[$0]?.contains(path) == true }).sorted()
      if Set(circle.map { ($0 as NSString).deletingLastPathComponent }).count > 1 { circles.insert(circle) }
    }
    return circles.sorted { $0[0] < $1[0] }
  }

  @Test(arguments: targets) func noCircleCrossesFolders(target: String) throws {
    let circles = try Self.circles(Self.files(target))
    #expect(circles.isEmpty, "\(target): \(circles)")
  }

  @Test func aCircleOverFoldersIsSeenAndOneWithinAFolderIsNone() {
    let one = "public struct One { let two: Two }"
    #expect(Self.circles(["A/One.swift": one, "B/Two.swift": "final class Two { var one: [One] = [] }"]).count == 1)
    #expect(Self.circles(["A/One.swift": one, "A/Two.swift": "final class Two { var one: [One] = [] }"]).isEmpty)
    #expect(Self.circles(["A/One.swift": one, "B/Two.swift": "enum Two { /* */ } // as One does: \"One\""]).isEmpty)
    let three = [
      "A/One.swift": one, "B/Two.swift": "enum Two { typealias T = Three }", "C/Three.swift": "struct Three: One {}",
    ]
    #expect(Self.circles(three).first?.count == 3)
  }
}
