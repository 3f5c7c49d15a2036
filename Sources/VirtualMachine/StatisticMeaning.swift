/// How to read a value of a machine's statistics.
public struct StatisticMeaning: Sendable {
  /// Whether two readings make a count; else the value is how things stand.
  public let isCount: Bool
  /// nil for a plain number.
  public let unit: String?
}
