/// An extension of the run that was declared before anything was measured: one second look at the data, paid for by halving
/// the error of both looks (Bonferroni), so that claims keep theirs.
public struct ExtensionRecord: Codable, Sendable, Equatable {
  /// Blocks that the run might grow by, at least 1.
  public var blocks: Int
  /// Whether a blocking claim was undecided at the first look, so that they were run.
  public var isUsed: Bool

  public init(blocks: Int, isUsed: Bool = false) {
    self.blocks = blocks
    self.isUsed = isUsed
  }
}

extension RunRecord {
  /// By how much an error is divided before anything is decided: 2 where an extension was declared, used or not.
  public var looks: Int { `extension` == nil ? 1 : 2 }
}
