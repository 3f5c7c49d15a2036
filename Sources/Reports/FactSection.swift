/// Facts with a common heading, as the templates show them.
struct FactSection {
  struct Row {
    let name: String
    let text: String
  }

  let heading: String
  let facts: [Row]

  static func all(_ facts: [HostFacts.Fact]) -> [FactSection] {
    var order: [String] = []
    for fact in facts where !order.contains(fact.section) { order.append(fact.section) }
    return order.map { section in
      let own = facts.filter { $0.section == section }
      return FactSection(
        heading: section.prefix(1).uppercased() + section.dropFirst(),
        facts: own.map { Row(name: $0.name, text: $0.value) })
    }
  }
}
