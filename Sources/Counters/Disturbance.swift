/// A reason to doubt a leg.
public struct Disturbance: Equatable, Sendable {
  /// As a phrase.
  public let reason: String
  /// Whether a repetition of the leg alone is fair to the other side of its comparison.
  public let repeats: Bool

  public init(_ reason: String, repeats: Bool) {
    (self.reason, self.repeats) = (reason, repeats)
  }

  /// One that has nothing to do with what the leg does.
  static func fromOutside(_ reason: String) -> Disturbance { Disturbance(reason, repeats: true) }
}
