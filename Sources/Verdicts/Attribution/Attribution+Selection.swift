import Results

extension Attribution {
  /// The splits of one workload.
  ///
  /// - Parameters:
  ///   - result: the run to explain. Its own `exits` legs give the costs, block by block.
  ///   - selection: an id, and perhaps `name=value` words for its parameters, separated by spaces; nil for every workload.
  ///   - costs: another run on the same host, for the `exits` workloads that `result` lacks.
  ///   - level: two-sided level of the intervals, above 0 and below 1.
  /// - Throws: ``AttributionError`` where that leaves none.
  public static func explain(
    _ result: RunResult, selecting selection: String?, costs: RunResult? = nil, level: Double = 0.95
  ) throws(AttributionError) -> [AttributionRecord] {
    let records = explain(result, costs: costs, level: level)
    guard let selection else {
      if records.isEmpty { throw .nothingToExplain }
      return records
    }
    let words = selection.split(separator: " ").map(String.init)
    let chosen = records.filter { matches(words, $0.workload) }
    guard chosen.isEmpty else { return chosen }
    var present: [String] = []
    for record in records {
      let name = record.workload.description
      if !present.contains(name) { present.append(name) }
    }
    let isThere = result.legs.contains { matches(words, $0.workload) }
    throw isThere ? .noSplit(selection, present: present) : .noSuchWorkload(selection, present: present)
  }

  private static func matches(_ words: [String], _ workload: Workload) -> Bool {
    guard let id = words.first else { return false }
    return Workload(id, parameterText: words.dropFirst().joined(separator: " ")).covers(workload)
  }
}
