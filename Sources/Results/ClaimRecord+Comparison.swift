extension ClaimRecord {
  /// Whether a comparison is one that the claim is about. A claim that holds one mode against another has none.
  public func speaks(of comparison: ComparisonRecord) -> Bool {
    let reference = reference ?? .native
    return comparison.reference == reference.machine && (reference.machine == .native || reference.mode == mode)
      && comparison.workload == workload && comparison.metric == metric && comparison.machine == machine
      && comparison.mode == mode && parameters.allSatisfy { comparison.parameters[$0.key] == $0.value }
  }
}
