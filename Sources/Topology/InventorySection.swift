/// Facts about one part of a host, under a title.
public struct InventorySection: Equatable, Sendable {
  public let title: String
  public let facts: [InventoryFact]

  public init(_ title: String, _ facts: [InventoryFact]) {
    self.title = title
    self.facts = facts
  }
}
