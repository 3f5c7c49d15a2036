/// What the counting pass counted of one workload on one machine in one mode: a short leg of its own, whose times are compared
/// with nothing, so that counting may cost what it costs.
public struct CountedRecord: Sendable, Equatable {
  public var path: Path
  public var workload: Workload
  /// Operations inside the window: counts divided by it are per operation.
  public var operations: UInt64
  public var counters: [CounterRecord]

  public init(
    path: Path, workload: Workload, operations: UInt64,
    counters: [CounterRecord]
  ) {
    (self.path, self.workload) = (path, workload)
    (self.operations, self.counters) = (operations, counters)
  }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension CountedRecord: Codable {
  private enum Field: String, CodingKey {
    case operations, counters
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    operations = try fields.value(.operations)
    counters = try fields.value(.counters)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(operations, forKey: .operations)
    try fields.encode(counters, forKey: .counters)
  }
}
