/// Counters that are not available for one reason.
public struct UnavailableCounters: Codable, Sendable, Equatable {
  public var names: [String]
  public var reason: String
  /// What the user can do; empty where nothing can be done.
  public var remedy: String

  public init(names: [String], reason: String, remedy: String) {
    (self.names, self.reason, self.remedy) = (names, reason, remedy)
  }

  /// The group in one line: its names, few or counted, the reason and the remedy.
  public var summary: String {
    let list = names.count > 4 ? "\(names[0]) and \(names.count - 1) more" : names.joined(separator: ", ")
    return remedy.isEmpty ? "\(list): \(reason)" : "\(list): \(reason). \(remedy)"
  }
}
