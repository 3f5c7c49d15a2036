import LinuxSystem

/// One thing that is true of a host: a value, or the reason why there is none; and what the user can do about it.
public struct InventoryFact: Equatable, Sendable {
  /// Stable, machine-readable name: "cpu.model".
  public let id: String
  /// Name for people, short, unique in its section: "model".
  public let name: String
  /// The value; nil when unavailable.
  public let value: String?
  /// Why there is no value; nil when there is one.
  public let reason: String?
  /// What the user can do so that more can be measured, or measured better; nil where nothing is amiss, or where nothing
  /// can be done. A fact may have both a value and a remedy: a governor that is not "performance", for example.
  public let remedy: String?

  /// A fact with a value.
  public init(_ id: String, _ name: String, value: String, remedy: String? = nil) {
    (self.id, self.name, self.value, reason, self.remedy) = (id, name, value, nil, remedy)
  }

  /// A fact that is not to be had.
  public init(_ id: String, _ name: String, unavailable reason: String, remedy: String? = nil) {
    (self.id, self.name, value, self.reason, self.remedy) = (id, name, nil, reason, remedy)
  }

  /// A fact that is read: its value, or the reason of the failed read.
  public init(_ id: String, _ name: String, _ read: () throws(Unavailable) -> String) {
    do {
      self.init(id, name, value: try read())
    } catch {
      self.init(id, name, unavailable: error.reason)
    }
  }

  /// The value, or "unavailable: why".
  public var text: String { value ?? "unavailable: \(reason ?? "")" }
}
