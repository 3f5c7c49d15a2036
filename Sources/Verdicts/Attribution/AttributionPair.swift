import Results

/// A leg in a guest and the native leg of the same block.
struct AttributionPair {
  let leg: LegRecord
  let native: LegRecord
  /// Operations of the leg's window.
  let operations: Double

  var block: Int { leg.block }

  /// How often something happened for each operation; nil where nobody counted.
  func perOperation(_ counter: String) -> Double? {
    leg.counters.first { $0.name == counter && $0.status == .counted }?.value.map { Double($0) / operations }
  }
}

extension AttributionBasis {
  /// Nanoseconds of an operation; nil where the leg does not say.
  func nanoseconds(of leg: LegRecord) -> Double? {
    switch self {
    case .medianLatency, .meanLatency: leg.metrics.first { $0.name == rawValue && $0.unit == "ns" }?.value
    case .inverseThroughput:
      leg.metrics.first { $0.name == "iops" && $0.value > 0 }.map { 1e9 / $0.value }
    }
  }
}
