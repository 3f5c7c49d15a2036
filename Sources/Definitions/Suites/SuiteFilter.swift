import Results

/// Which workloads of a suite are meant.
public struct SuiteFilter: Sendable {
  /// Patterns, in which `*` stands for anything and `?` for one character; of these one must fit, where there are any.
  public var only: [String]
  /// Patterns of which none may fit.
  public var skip: [String]
  /// Kinds of which it must have one, where there are any.
  public var tags: [String]

  public init(only: [String] = [], skip: [String] = [], tags: [String] = []) {
    self.only = only
    self.skip = skip
    self.tags = tags
  }

  /// The kinds, as a message has them.
  public static let tags = WorkloadDefinition.Kind.allCases.map(\.rawValue).joined(separator: ", ")

  public static func isTag(_ word: String) -> Bool { WorkloadDefinition.Kind(rawValue: word) != nil }

  /// Leaves the workloads that are meant.
  /// - Throws: `DefinitionError` where none is.
  public func apply(to suite: inout Suite) throws(DefinitionError) {
    guard !(only.isEmpty && skip.isEmpty && tags.isEmpty) else { return }
    let kept = suite.entries.filter(means)
    guard !kept.isEmpty else {
      let ids = suite.entries.map(\.workload.id)
      throw DefinitionError(
        path: suite.name,
        expected: "--only, --skip and --tag that leave a workload of \(ids.uniqued.joined(separator: ", "))",
        found: "none" + Spelling.question(only.first ?? "", among: ids))
    }
    suite.entries = kept
    // What variants are held against may have gone.
    let workloads = Set(kept.map(\.workload))
    if !kept.contains(where: {
      let reference = $0.workload.with(suite.against)
      return reference != $0.workload && workloads.contains(reference)
    }) {
      suite.against = [:]
    }
  }

  private func means(_ entry: SuiteEntry) -> Bool {
    let names = [entry.workload.id, entry.workload.description]
    func fits(_ pattern: String) -> Bool { names.contains { Self.fits($0, pattern) } }
    return (only.isEmpty || only.contains(where: fits)) && !skip.contains(where: fits)
      && (tags.isEmpty || tags.contains(entry.kind.rawValue))
  }

  /// Whether a pattern fits the whole of a text. Linear in both together but for the stars, of which only the last is tried again.
  static func fits(_ text: String, _ pattern: String) -> Bool {
    let (text, pattern) = (Array(text), Array(pattern))
    var (place, at) = (0, 0)
    var star: (at: Int, place: Int)?
    while place < text.count {
      if at < pattern.count, pattern[at] == "*" {
        star = (at, place)
        at += 1
      } else if at < pattern.count, pattern[at] == "?" || pattern[at] == text[place] {
        (place, at) = (place + 1, at + 1)
      } else if let last = star {
        star = (last.at, last.place + 1)
        (at, place) = (last.at + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == "*" }
  }
}

extension Array where Element: Hashable {
  /// Each once, in the order in which they come first.
  fileprivate var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
