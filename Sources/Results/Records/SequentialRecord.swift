/// A run that went on until its claims were decided, or its time was over: what was declared before its first look, and what
/// became of it. Every claim keeps its error over all looks: see `SequentialDesign` of the statistics.
public struct SequentialRecord: Codable, Sendable, Equatable {
  /// How the error was spent over the looks: a case of `ErrorSpending`, `pocock`.
  public var spending: String
  /// Seconds that the run might take, above 0.
  public var atMost: Double
  /// In order. Claims were decided at these, and at no other time.
  public var looks: [Look]
  /// Workloads that were measured no longer after a look, in that order.
  public var closed: [ClosedWorkload]
  /// Rounds that a block's legs took from some block on instead of as many as the suite says; absent where there were none.
  public var allotted: [AllottedRounds]?

  /// A look at the run.
  public struct Look: Codable, Sendable, Equatable {
    /// That were there.
    public var blocks: Int
    /// Of the time that was gone, from 0 to 1: by it the error is spent. 1 at the last look that there could be; less where the run
    /// ended because nothing was left to decide, which must not have spent more for it.
    public var share: Double

    public init(blocks: Int, share: Double) {
      self.blocks = blocks
      self.share = share
    }
  }

  public init(spending: String, atMost: Double, looks: [Look] = [], closed: [ClosedWorkload] = []) {
    self.spending = spending
    self.atMost = atMost
    self.looks = looks
    self.closed = closed
  }

  /// Blocks that a workload was measured in; nil where it was measured to the end.
  public func blocks(of workload: Workload) -> Int? { closed.first { $0.workload == workload }?.blocks }
}

/// A workload whose claims needed no more blocks.
public struct ClosedWorkload: Sendable, Equatable {
  /// Why.
  public enum Reason: String, Codable, Sendable, CaseIterable {
    /// All that is claimed of it was decided.
    case decided
    /// Nothing is claimed of it.
    case unclaimed
    /// What was not decided would hardly have been with all blocks.
    case hopeless
  }

  public var workload: Workload
  /// That it was measured in.
  public var blocks: Int
  public var reason: Reason

  public init(workload: Workload, blocks: Int, reason: Reason) {
    self.workload = workload
    self.blocks = blocks
    self.reason = reason
  }
}

// Flat: the fields of `workload` stand among the record's own.
extension ClosedWorkload: Codable {
  private enum Field: String, CodingKey { case blocks, reason }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    workload = try Workload(from: decoder)
    blocks = try fields.value(.blocks)
    reason = try fields.value(.reason)
  }

  public func encode(to encoder: any Encoder) throws {
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(blocks, forKey: .blocks)
    try fields.encode(reason, forKey: .reason)
  }
}

/// How many rounds the legs of a workload took, once some blocks had shown where its noise came from and what it cost.
public struct AllottedRounds: Sendable, Equatable {
  public var workload: Workload
  /// The first block, from 0, with so many.
  public var block: Int
  public var rounds: Int

  public init(workload: Workload, block: Int, rounds: Int) {
    self.workload = workload
    self.block = block
    self.rounds = rounds
  }
}

// Flat: the fields of `workload` stand among the record's own.
extension AllottedRounds: Codable {
  private enum Field: String, CodingKey { case block, rounds }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    workload = try Workload(from: decoder)
    block = try fields.value(.block)
    rounds = try fields.value(.rounds)
  }

  public func encode(to encoder: any Encoder) throws {
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(block, forKey: .block)
    try fields.encode(rounds, forKey: .rounds)
  }
}

extension RunRecord {
  /// Blocks that a workload was to be measured in.
  public func blocks(of workload: Workload) -> Int { sequential?.blocks(of: workload) ?? blocks }
}
