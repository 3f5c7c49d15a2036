import Results

/// Where the time of one operation goes, for one workload in one mode: the reference's own time, what the mode adds, part by
/// part, and what is left unexplained.
///
/// `parts` and ``residual`` add up to ``total``; the first part is the device and its backend. Every figure is the mean over
/// the blocks of that block's own figure.
public struct AttributionRecord: Sendable, Equatable {
  public var workload: Workload
  public var path: Path
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
    workload: Workload, path: Path, reference: Machine,
    basis: AttributionBasis, blocks: Int, level: Double, total: AttributionTime, referenceTotal: AttributionTime,
    parts: [AttributionPart], residual: AttributionTime, explainedShare: Double?, notes: [String]
  ) {
    self.workload = workload
    self.path = path
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

// Flat: the fields of `path` and `workload` stand among the record's own.
extension AttributionRecord: Codable {
  private enum Field: String, CodingKey {
    case reference, basis, blocks, level, total, referenceTotal, parts, residual, explainedShare, notes
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    reference = try fields.value(.reference)
    basis = try fields.value(.basis)
    blocks = try fields.value(.blocks)
    level = try fields.value(.level)
    total = try fields.value(.total)
    referenceTotal = try fields.value(.referenceTotal)
    parts = try fields.value(.parts)
    residual = try fields.value(.residual)
    explainedShare = try fields.optional(.explainedShare)
    notes = try fields.value(.notes)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(reference, forKey: .reference)
    try fields.encode(basis, forKey: .basis)
    try fields.encode(blocks, forKey: .blocks)
    try fields.encode(level, forKey: .level)
    try fields.encode(total, forKey: .total)
    try fields.encode(referenceTotal, forKey: .referenceTotal)
    try fields.encode(parts, forKey: .parts)
    try fields.encode(residual, forKey: .residual)
    try fields.encodeIfPresent(explainedShare, forKey: .explainedShare)
    try fields.encode(notes, forKey: .notes)
  }
}

/// How the time of an operation was taken.
public enum AttributionBasis: String, Codable, Sendable, CaseIterable {
  /// The median latency: one operation at a time, so that what happens to it adds up.
  case medianLatency = "latency.p50"
  /// The mean latency, where too few operations were timed for a median.
  case meanLatency = "latency.mean"
  /// One over the throughput.
  case inverseThroughput = "1/throughput"
}
