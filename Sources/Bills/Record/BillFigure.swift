/// A figure of every pass, in their order: the same number in all of them where what was counted is deterministic.
public struct BillFigure: Codable, Sendable, Equatable {
  /// Never empty in a bill that was read.
  public var passes: [Double]

  public init(_ passes: [Double]) { self.passes = passes }

  public var low: Double { passes.min() ?? 0 }
  public var high: Double { passes.max() ?? 0 }
  /// How far the passes are apart; 0 for an exact figure.
  public var width: Double { high - low }
  /// The mean of the passes.
  public var value: Double { passes.isEmpty ? 0 : passes.reduce(0, +) / Double(passes.count) }
}
