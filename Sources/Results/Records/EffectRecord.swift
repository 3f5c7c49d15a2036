/// What a comparison can see in a time.
public struct EffectRecord: Codable, Sendable, Equatable {
  /// Seconds that one workload in one mode, with what it is held against, may take.
  public var seconds: Double
  /// The least relative slowdown that is noticed eight times in ten.
  public var effect: Double
  /// How the time is best divided: blocks, boots of each leg in a block, and windows in a boot.
  public var blocks: Int
  public var boots: Int
  public var windows: Double

  public init(seconds: Double, effect: Double, blocks: Int, boots: Int, windows: Double) {
    self.seconds = seconds
    self.effect = effect
    self.blocks = blocks
    self.boots = boots
    self.windows = windows
  }
}
