/// A run that was ended before its plan was, and went on later from its journal.
public struct ResumptionRecord: Codable, Sendable, Equatable {
  /// When it went on: ISO 8601, UTC.
  public var at: String
  /// Blocks that were whole by then. What there was of the next one was measured again.
  public var blocks: Int
  /// Whether the host was booted meanwhile; nil where neither boot can be told.
  public var isOtherBoot: Bool?

  public init(at: String, blocks: Int, isOtherBoot: Bool? = nil) {
    self.at = at
    self.blocks = blocks
    self.isOtherBoot = isOtherBoot
  }
}
