/// A fact in which runs differ.
public struct ComparedField: Codable, Sendable, Equatable {
  /// What the difference means.
  public enum Meaning: String, Codable, Sendable {
    /// Figures of the runs must not be held against each other: another host, suite, placement or kind of build.
    case incomparable
    /// May be the very change that is under test.
    case subject
    /// Of no consequence for the figures, or the state of a moment.
    case other
  }

  public var section: String
  public var name: String
  /// One for each run, in their order; nil where a run does not tell.
  public var values: [String?]
  public var meaning: Meaning
}
