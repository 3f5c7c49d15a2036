import Results

/// The ratios of one workload's primary metric in the forest plot of the whole run.
struct ForestGroup {
  /// The section of the page that says more.
  let anchor: String
  let name: String
  let parameters: String
  let subject: String
  let rows: [RatioRow]

  /// One for every workload that was compared with bare metal, in the order of the page's sections.
  static func all(_ workloads: [WorkloadSeries], _ track: ForestTrack, _ claims: ClaimLookup) -> [ForestGroup] {
    workloads.enumerated().compactMap { index, series in
      let rows = RatioRow.all(series.primaryRatios, track: track, claims: claims)
      guard let metric = series.primary, !rows.isEmpty else { return nil }
      return ForestGroup(
        anchor: "w\(index + 1)", name: series.workload.id, parameters: series.workload.parameterText,
        subject: metric.name, rows: rows)
    }
  }
}
