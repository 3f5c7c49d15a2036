/// What is qualified, and who says so.
public struct Subject: Codable, Sendable, Equatable {
  public var vendor: String
  public var model: String
  /// Who ran it; empty where it was not said.
  public var `operator`: String
  /// Whatever the operator wants to be read with the outcome; empty where there is nothing.
  public var notes: String
  /// Models that the vendor declares to be equivalent; nobody has tested that.
  public var equivalents: [String]

  public init(vendor: String, model: String, operator: String = "", notes: String = "", equivalents: [String] = []) {
    self.vendor = vendor
    self.model = model
    self.operator = `operator`
    self.notes = notes
    self.equivalents = equivalents
  }

  /// The first field in which another one differs, by its option on the command line.
  package func difference(from other: Subject) -> String? {
    let fields = [
      ("--vendor", vendor, other.vendor), ("--model", model, other.model), ("--operator", `operator`, other.operator),
      ("--notes", notes, other.notes),
      ("--equivalent", equivalents.joined(separator: ", "), other.equivalents.joined(separator: ", ")),
    ]
    return fields.first { $0.1 != $0.2 }.map { "\($0.0) \"\($0.1)\" where it was begun with \"\($0.2)\"" }
  }
}
