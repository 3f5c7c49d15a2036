/// Relative standard deviations of a metric by where they come from.
public struct NoiseSourcesRecord: Codable, Sendable, Equatable {
  /// From one window to the next of the same boot.
  public var iteration: Double
  /// From one boot to the next in the same block.
  public var leg: Double
  /// From one block to the next.
  public var block: Double

  public init(iteration: Double, leg: Double, block: Double) {
    self.iteration = iteration
    self.leg = leg
    self.block = block
  }
}
