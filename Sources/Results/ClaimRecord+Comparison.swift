extension ClaimRecord {
  /// Whether a comparison is one that the claim is about. A claim that holds one mode against another has none.
  public func speaks(of comparison: ComparisonRecord) -> Bool {
    let reference = reference ?? .native
    return comparison.reference == reference.machine && (reference.isNative || reference.mode == path.mode)
      && comparison.path == path && comparison.metric == metric && workload.covers(comparison.workload)
  }
}
