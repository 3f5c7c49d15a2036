import Results

/// What to measure: workloads with parameters, machines, blocks and times. Read from YAML.
public struct Suite: Sendable {
  /// A workload of the suite with its parameters.
  public struct Entry: Sendable, Hashable {
    public let workload: String
    /// Parameters as they are shown, such as `["size": "16KiB"]`.
    public let parameters: [String: String]
    /// The same as numbers, for the probe.
    public let values: [String: UInt64]
    /// Machines that this entry runs on; never empty.
    public let machines: Set<Results.Machine>

    /// Whether both mean the same work, however their numbers are written.
    func measures(as other: Entry) -> Bool {
      workload == other.workload && values == other.values
        && parameters.filter { values[$0.key] == nil } == other.parameters.filter { other.values[$0.key] == nil }
    }
  }

  public var name: String
  public var summary: String
  /// Blocks, 1 or more.
  public var blocks: Int
  /// Blocks by which the run may grow if a blocking claim is undecided after ``blocks``; 0 for no extension.
  public var extend: Int
  /// Confidence level of the intervals.
  public var level: Double
  /// Nanoseconds.
  public var warmup: UInt64
  public var window: UInt64
  /// Bytes of guest RAM, and of the native leg's arena.
  public var memory: UInt64
  /// Bytes of the disk that block workloads use.
  public var disk: UInt64
  public var entries: [Entry]
}

/// A quantity with a unit, as suites have it: `120ms`, `16KiB`, `4096`.
public enum Quantity {
  private static let units: [(suffix: String, factor: UInt64)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("ns", 1), ("us", 1000), ("ms", 1_000_000),
    ("s", 1_000_000_000), ("B", 1),
  ]

  /// The number of bytes or nanoseconds; nil where the text is no quantity or does not fit 64 bits.
  public static func parse(_ text: String) -> UInt64? {
    let unit = units.first { text.hasSuffix($0.suffix) }
    let digits = text.dropLast(unit?.suffix.count ?? 0)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(digits) else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit?.factor ?? 1)
    return overflow ? nil : product
  }
}
