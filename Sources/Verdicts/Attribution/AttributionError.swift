/// Why a workload of a result cannot be explained; its description is one line.
public enum AttributionError: Error, Equatable, CustomStringConvertible {
  /// No workload of the result is called that; `present` are those with a split.
  case noSuchWorkload(String, present: [String])
  /// The workload ran, but nothing of it can be split.
  case noSplit(String, present: [String])
  /// The result has no workload with a split at all.
  case nothingToExplain

  public var description: String {
    switch self {
    case .noSuchWorkload(let name, let present):
      "no workload matches \(name); there is: \(Self.list(present))"
    case .noSplit(let name, let present):
      """
      \(name) cannot be split: it takes a closed-loop disk workload that ran in the same block natively and on nearmetal; there \
      is: \(Self.list(present))
      """
    case .nothingToExplain:
      """
      nothing to explain: it takes a disk workload that ran in the same block natively and on nearmetal, as in the suites quick \
      and block
      """
    }
  }

  private static func list(_ names: [String]) -> String { names.isEmpty ? "nothing" : names.joined(separator: ", ") }
}
