import Results

/// Where the time of one operation goes, for one workload in one mode: the reference's own time, what the mode adds, part by
/// part, and what is left unexplained.
///
/// `parts` and ``residual`` add up to ``total``; the first part is the device and its backend. Every figure is the mean over
/// the blocks of that block's own figure.
public struct AttributionRecord: Codable, Sendable, Equatable {
  /// The workload's id, without parameters: `block.randread`.
  public var workload: String
  public var parameters: [String: String]
  public var machine: Machine
  public var mode: Mode
  /// The machine whose time is the first part: `native`.
  public var reference: Machine
  /// How the time of an operation was taken.
  public var basis: AttributionBasis
  /// Blocks in which both sides were measured.
  public var blocks: Int
  /// Two-sided level of every interval.
  public var level: Double
  /// Nanoseconds of an operation in this mode.
  public var total: AttributionTime
  /// Nanoseconds of an operation on the reference machine.
  public var referenceTotal: AttributionTime
  /// In the order in which they follow each other, as far as they do.
  public var parts: [AttributionPart]
  /// What no part explains; below zero where the parts explain more than there is.
  public var residual: AttributionTime
  /// 1 − |residual| ÷ gap, the gap being total − reference total. At most 1; below 0 where the residual exceeds the gap. Nil
  /// where there is no gap beyond noise.
  public var explainedShare: Double?
  /// What could not be separated and how to get it, and what to know about the parts.
  public var notes: [String]

  public init(
    workload: String, parameters: [String: String], machine: Machine, mode: Mode, reference: Machine,
    basis: AttributionBasis, blocks: Int, level: Double, total: AttributionTime, referenceTotal: AttributionTime,
    parts: [AttributionPart], residual: AttributionTime, explainedShare: Double?, notes: [String]
  ) {
    self.workload = workload
    self.parameters = parameters
    self.machine = machine
    self.mode = mode
    self.reference = reference
    self.basis = basis
    self.blocks = blocks
    self.level = level
    self.total = total
    self.referenceTotal = referenceTotal
    self.parts = parts
    self.residual = residual
    self.explainedShare = explainedShare
    self.notes = notes
  }

  /// Nanoseconds that an operation takes longer than on the reference machine.
  public var gap: Double { total.nanoseconds - referenceTotal.nanoseconds }
}
