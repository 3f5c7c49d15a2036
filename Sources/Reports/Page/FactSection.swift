/// Facts with a common heading, as the templates show them.
struct FactSection {
  struct Row {
    let name: String
    let text: String
    /// What the fact means for comparing hosts; empty where nothing.
    let tag: String
    let hasTag: Bool
  }

  let heading: String
  /// Whether it stands open: it says what was run, or holds something that matters when hosts are compared.
  let isOpen: Bool
  let facts: [Row]

  static func all(_ facts: [HostFacts.Fact]) -> [FactSection] {
    var order: [String] = []
    for fact in facts where !order.contains(fact.section) { order.append(fact.section) }
    let sections = Dictionary(grouping: facts, by: \.section)
    return order.map { section in
      FactSection(
        heading: section.prefix(1).uppercased() + section.dropFirst(),
        isOpen: (sections[section] ?? []).contains { $0.meaning != .other },
        facts: (sections[section] ?? []).map { fact in
          Row(name: fact.name, text: fact.value, tag: fact.kind.tag, hasTag: !fact.kind.tag.isEmpty)
        })
    }
  }
}
