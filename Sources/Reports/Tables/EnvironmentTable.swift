import Results

/// `environment.csv`: a row for every fact about the run and its host, and for every fact that could not be had.
enum EnvironmentTable {
  static let header = ["section", "name", "value", "why_missing", "remedy", "meaning"]

  static func csv(_ result: RunResult) -> String {
    let facts = HostFacts.all(result).map { [$0.section, $0.name, $0.value, "", "", $0.meaning.rawValue] }
    let missing = result.host.missing.map { ["missing", $0.what, "", $0.why, $0.remedy, ""] }
    return CSV.text(header: header, rows: facts + missing)
  }
}
