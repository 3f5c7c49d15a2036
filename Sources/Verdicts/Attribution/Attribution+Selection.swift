import Results

extension Attribution {
  /// The splits of one workload.
  ///
  /// - Parameter selection: an id, and perhaps `name=value` words for its parameters, separated by spaces; nil for every
  ///   workload.
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
    let chosen = records.filter { matches(words, $0.workload, $0.parameters) }
    guard chosen.isEmpty else { return chosen }
    var present: [String] = []
    for record in records {
      let name = WorkloadName.text(record.workload, record.parameters)
      if !present.contains(name) { present.append(name) }
    }
    let isThere = result.legs.contains { matches(words, $0.workload, $0.parameters) }
    throw isThere ? .noSplit(selection, present: present) : .noSuchWorkload(selection, present: present)
  }

  private static func matches(_ words: [String], _ workload: String, _ parameters: [String: String]) -> Bool {
    guard words.first == workload else { return false }
    let there = Set(parameters.map { "\($0.key)=\($0.value)" })
    return words.dropFirst().allSatisfy(there.contains)
  }
}
