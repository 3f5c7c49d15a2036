/// Something in a bundle that is not as it should be.
public struct Finding: Codable, Sendable, Equatable, CustomStringConvertible {
  /// A file, and a place in it: `result.json: comparisons: …`.
  public var place: String
  public var problem: String

  public init(_ place: String, _ problem: String) {
    self.place = place
    self.problem = problem
  }

  public var description: String { "\(place): \(problem)" }
}
