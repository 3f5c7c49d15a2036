import LinuxSystem

/// What a host is, as far as it can say: facts in sections, each a value or "unavailable: why".
public struct HostInventory: Equatable, Sendable, CustomStringConvertible {
  /// The facts, in the order in which they are shown. Other targets append sections of their own.
  public var sections: [InventorySection]

  public init(sections: [InventorySection]) {
    self.sections = sections
  }

  /// Reads everything anew: about a hundred small files, no waiting.
  /// - Parameter files: where `/proc`, `/sys`, `/dev` and `/boot` are. Below any other root than "/" neither CPUID nor libnuma
  ///   is asked: a recorded tree then tells about its host, not about this one.
  public static func collect(files: HostFiles = HostFiles()) -> HostInventory {
    HostInventory(sections: [
      ProcessorSection.collect(files), VirtualizationSection.collect(files), PowerSection.collect(files),
      MemorySection.collect(files), KernelSection.collect(files), KernelSection.mitigations(files),
      FirmwareSection.collect(files), DeviceSection.storage(files), DeviceSection.network(files),
      InterruptSection.collect(files), LoadSection.collect(files), ContainerSection.collect(files),
    ])
  }

  /// All facts, in order.
  public var facts: [InventoryFact] { sections.flatMap(\.facts) }

  /// Facts about which the user can do something: what is absent, or set so that numbers suffer.
  public var missing: [InventoryFact] { facts.filter { $0.remedy != nil } }

  /// The fact with this id; nil when nobody collected it.
  public subscript(id: String) -> InventoryFact? { facts.first { $0.id == id } }

  /// The available values by id, for files.
  public var values: [String: String] {
    Dictionary(facts.compactMap { fact in fact.value.map { (fact.id, $0) } }, uniquingKeysWith: { first, _ in first })
  }

  /// The reasons of what is unavailable, by id, for files.
  public var reasons: [String: String] {
    Dictionary(facts.compactMap { fact in fact.reason.map { (fact.id, $0) } }, uniquingKeysWith: { first, _ in first })
  }

  /// Tells hosts apart whose results must not be compared: 16 hexadecimal digits, see ``Fingerprint``.
  public var fingerprint: String { Fingerprint.hash(values) }

  /// The facts of `kind` in which two inventories differ, as (id, this one's text, the other's text). A fact that is absent
  /// from one of them differs.
  public func differences(
    from other: HostInventory, where kind: (String) -> Bool = Fingerprint.isIdentity
  ) -> [(id: String, this: String, other: String)] {
    let ids = facts.map(\.id) + other.facts.map(\.id).filter { self[$0] == nil }
    return ids.filter(kind).compactMap { id in
      let (mine, theirs) = (self[id], other[id])
      guard mine?.value != theirs?.value else { return nil }
      return (id, mine?.text ?? "not collected", theirs?.text ?? "not collected")
    }
  }

  /// Plain text: titles, and under each "name  value" in two columns.
  public var description: String {
    sections.map { section in
      let width = section.facts.map(\.name.count).max() ?? 0
      let lines = section.facts.map { fact in
        "  \(fact.name)\(String(repeating: " ", count: width - fact.name.count))  \(fact.text)"
      }
      return ([section.title] + lines).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }
}
