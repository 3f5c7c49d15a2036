import Foundation
import Testing

/// CONTRIBUTING's rules that no compiler holds, held against the tree itself.
@Suite struct SourceRulesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Paths below the root of the files that hold a line for which `matches` says so.
  private static func files(
    below folders: [String], endings: Set<String>, where matches: (Substring) -> Bool
  ) throws -> Set<String> {
    var found: Set<String> = []
    for folder in folders {
      let names = try #require(FileManager.default.enumerator(atPath: root.appending(path: folder).path))
      for case let name as String in names where endings.contains(URL(filePath: name).pathExtension) {
        let text = try String(contentsOf: root.appending(path: "\(folder)/\(name)"), encoding: .utf8)
        if text.split(separator: "\n").contains(where: matches) { found.insert("\(folder)/\(name)") }
      }
    }
    return found
  }

  /// Foundation costs start-up time and hides allocations. What only it has is asked for in these files and nowhere else.
  @Test func foundationIsImportedBelowReportsOnlyForCodersAndBundles() throws {
    let importing = try Self.files(below: ["Sources", "Workloads"], endings: ["swift"]) { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.contains("import") && words.contains { $0.hasPrefix("Foundation") }
    }
    let below = importing.filter { !$0.hasPrefix("Sources/Reports/") && !$0.hasPrefix("Sources/nearmetal/") }
    let coders: Set = ["Sources/Results/Store/JSONText.swift"]
    let bundles: Set = [
      "Sources/EmulatedHost/EmulatedHost.swift", "Sources/Probe/ProbeImage.swift", "Workloads/Shipped.swift",
    ]
    #expect(below == coders.union(bundles))
  }

  /// Of 64-bit whole numbers `map(Double.init)` makes the numbers whose bits they are: the compiler takes `Double.init(bitPattern:)`.
  @Test func noFigureIsMadeOfTheBitsOfAnother() throws {
    let found = try Self.files(below: ["Sources", "Workloads", "Benchmarks"], endings: ["swift"]) {
      $0.contains("(Double.init)") || $0.contains(": Double.init") || $0.contains("(Float.init)")
    }
    #expect(found == [])
  }

  /// A quote with an accent behind it is one character, which is no quote: what escapes for others goes by scalars.
  @Test func nothingIsEscapedByCharacters() throws {
    let found = try Self.files(below: ["Sources"], endings: ["swift"]) { $0.contains(/\.replacing\("(.|\\.)", with/) }
    #expect(found == [])
  }

  /// `bundle verify` and whatever else needs no KVM builds where there is no header of it.
  @Test func theKernelsKVMHeaderIsIncludedWhereKVMIsSpokenToAlone() throws {
    let including = try Self.files(below: ["Sources", "Workloads", "Benchmarks"], endings: ["c", "h"]) {
      $0.hasPrefix("#include <linux/kvm")
    }
    #expect(including == ["Sources/CKVM/ckvm.h", "Benchmarks/CReferenceLoop/reference_loop.c"])
    let importing = try Self.files(below: ["Sources"], endings: ["swift"]) { $0.hasSuffix("import CKVM") }
    #expect(Set(importing.map { $0.split(separator: "/")[1] }) == ["KVM", "VirtualMachine"])
  }
}
