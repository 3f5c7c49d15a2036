/// What a reader of a comparison or a summary must know besides its figures.
public enum ComparisonFlag: String, Codable, Sendable, CaseIterable {
  /// The whole interval lies above 1.0, also at a level that allows for the number of comparisons in the run: faster than
  /// the reference by more than noise, so probably not equal work.
  case superNative = "super-native"
  /// Fewer blocks than the level needs; no verdict may rest on it.
  case fewBlocks = "few-blocks"
  /// Blocks of the plan in which one side or both are absent.
  case missingBlocks = "missing-blocks"
  /// One block only: there is no interval.
  case singleBlock = "single-block"
  /// At least one leg says itself that it was disturbed.
  case disturbedLegs = "disturbed-legs"
  /// Blocks in which a side was zero or negative, and has no ratio.
  case nonPositive = "non-positive"
  /// The reference machine was to run this workload and has no figure, so only a summary could be given.
  case referenceMissing = "reference-missing"
  /// One side was slowed on purpose, to calibrate.
  case injected
}
