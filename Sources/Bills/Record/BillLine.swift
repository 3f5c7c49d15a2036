import Results

/// What one workload cost on one path.
public struct BillLine: Sendable, Equatable {
  /// How the instructions of an operation were taken from those of many.
  public enum Statistic: String, Codable, Sendable, CaseIterable {
    /// The median operation: what an exit costs without the timer's interrupts, which hit few. Timing itself is subtracted. Exact below
    /// 2,048 instructions, and else to a part in 1,024.
    case median
    /// All instructions of the window over its operations, with everything that ran meanwhile.
    case mean
    /// The one operation that there was: a boot.
    case single
  }

  public var workload: Workload
  public var path: Path
  /// ok where every pass measured it; else as the worst of them.
  public var status: LegStatus
  /// Why it is not ok.
  public var reason: String?
  public var statistic: Statistic
  /// Instructions of an operation, by everything that ran: guest, kernel and monitor together. Nil where the line is not ok.
  public var instructions: BillFigure?
  /// The same as a mean where ``instructions`` is the median; nil elsewhere.
  public var mean: BillFigure?
  /// Operations that were counted.
  public var operations: BillFigure?
  /// Events an operation, by ``BillCount``'s names. What was not counted is absent; what the emulator counted has one pass alone.
  public var counts: [String: BillFigure]
  /// Instructions an operation by layer; nil where nothing told the layers apart. See ``BillLayer``.
  public var layers: [String: Double]?
  /// The functions that took most, most first; nil where nothing told them apart.
  public var functions: [BillFunction]?

  public init(_ workload: Workload, _ path: Path, status: LegStatus, reason: String? = nil, statistic: Statistic) {
    (self.workload, self.path, self.status, self.reason) = (workload, path, status, reason)
    self.statistic = statistic
    counts = [:]
  }

  /// `exits.pio.user`, `block.randread bs=4KiB qd=1, nearmetal emulated`.
  public var name: String {
    path == Path(.nearmetal, .guest) ? workload.description : "\(workload), \(path)"
  }
}

/// Instructions an operation that one function took.
public struct BillFunction: Codable, Sendable, Equatable {
  /// The symbol, or the object that holds the address where there is none.
  public var name: String
  public var layer: String
  public var instructions: Double

  public init(name: String, layer: String, instructions: Double) {
    (self.name, self.layer, self.instructions) = (name, layer, instructions)
  }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension BillLine: Codable {
  private enum Field: String, CodingKey {
    case status, reason, statistic, instructions, mean, operations, counts, layers, functions
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    status = try fields.value(.status)
    reason = try fields.optional(.reason)
    statistic = try fields.value(.statistic)
    instructions = try fields.optional(.instructions)
    mean = try fields.optional(.mean)
    operations = try fields.optional(.operations)
    counts = try fields.value(.counts)
    layers = try fields.optional(.layers)
    functions = try fields.optional(.functions)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(status, forKey: .status)
    try fields.encodeIfPresent(reason, forKey: .reason)
    try fields.encode(statistic, forKey: .statistic)
    try fields.encodeIfPresent(instructions, forKey: .instructions)
    try fields.encodeIfPresent(mean, forKey: .mean)
    try fields.encodeIfPresent(operations, forKey: .operations)
    try fields.encode(counts, forKey: .counts)
    try fields.encodeIfPresent(layers, forKey: .layers)
    try fields.encodeIfPresent(functions, forKey: .functions)
  }
}
