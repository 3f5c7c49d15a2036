import Results

/// The ratios of one workload's primary metric in the forest plot of the whole run.
struct ForestGroup {
  /// The section of the page that says more.
  let anchor: String
  let name: String
  /// Its parameters, where it has any, and the metric.
  let subject: String
  let rows: [RatioRow]

  /// One for every workload that was compared with bare metal, in the order of the page's sections.
  static func all(_ workloads: [WorkloadSeries], _ track: ForestTrack, _ claims: ClaimLookup) -> [ForestGroup] {
    workloads.enumerated().compactMap { index, series in
      let rows = RatioRow.all(series.primaryRatios, track: track, claims: claims)
      guard let metric = series.primary, !rows.isEmpty else { return nil }
      let parameters = series.workload.parameterText
      return ForestGroup(
        anchor: "w\(index + 1)", name: series.workload.id,
        subject: parameters.isEmpty ? metric.name : "\(parameters): \(metric.name)", rows: rows)
    }
  }
}
