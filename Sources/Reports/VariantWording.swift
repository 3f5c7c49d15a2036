import Results

/// What variants of a workload are held against.
enum VariantWording {
  /// `format=raw`; empty where nothing is.
  static func reference(_ result: RunResult) -> String { result.run.against.map(text) ?? "" }

  static func text(_ parameters: [String: ParameterValue]) -> String { Workload("", parameters).parameterText }
}
