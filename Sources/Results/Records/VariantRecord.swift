/// A metric of a workload against the same metric of the same workload with other parameters, on one machine in one mode.
public struct VariantRecord: Sendable, Equatable {
  /// What was held against it; ``ComparisonRecord/reference`` is its own machine.
  public var comparison: ComparisonRecord
  /// The values that the reference has instead of the workload's own.
  public var against: [String: ParameterValue]

  public init(_ comparison: ComparisonRecord, against: [String: ParameterValue]) {
    self.comparison = comparison
    self.against = against
  }
}

// Flat: the fields of `comparison` stand among the record's own.
extension VariantRecord: Codable {
  private enum Field: String, CodingKey { case against }

  public init(from decoder: any Decoder) throws {
    comparison = try ComparisonRecord(from: decoder)
    against = try decoder.container(keyedBy: Field.self).value(.against)
  }

  public func encode(to encoder: any Encoder) throws {
    try comparison.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(against, forKey: .against)
  }
}
