import Results

/// What a run measured of one workload, by path and block: what the plots are drawn from.
struct WorkloadSeries {
  /// The legs of one path that are ok, in the order of their blocks.
  struct Line {
    let path: Path
    let legs: [LegRecord]

    /// Blocks and values of a metric.
    func points(of metric: String) -> [(leg: LegRecord, value: Double)] {
      legs.compactMap { leg in leg.metrics.first { $0.name == metric }.map { (leg, $0.value) } }
    }
  }

  let workload: Workload
  /// Those that have a leg that is ok; native first.
  let lines: [Line]
  /// Ratios to bare metal, and to QEMU in the same mode.
  let comparisons: [ComparisonRecord]
  /// Ratios to the same work with other parameters.
  let variants: [VariantRecord]
  /// Figures without a counterpart on bare metal.
  let summaries: [SummaryRecord]
  /// What stands for the workload where one figure must: the first metric of its legs that was compared with bare metal,
  /// else the first there is. Nil where nothing ran.
  let primary: MetricRecord?

  var title: String { workload.description }
  var isExit: Bool { ExitRow.isExit(workload) }

  /// Of the variants those of the primary metric.
  var primaryVariants: [ComparisonRecord] { variants.map(\.comparison).filter { $0.metric == primary?.name } }

  /// Ratios of the primary metric to bare metal.
  var primaryRatios: [ComparisonRecord] {
    comparisons.filter { $0.reference == .native && $0.metric == primary?.name }
  }

  /// The comparisons by metric, in the order in which the legs have them; within a metric as they were.
  var ordered: [ComparisonRecord] {
    let names = lines.flatMap { $0.legs.first?.metrics.map(\.name) ?? [] }
    let rank = Dictionary(names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    return comparisons.enumerated().sorted { left, right in
      (rank[left.element.metric] ?? names.count, left.offset) < (
        rank[right.element.metric] ?? names.count, right.offset
      )
    }.map(\.element)
  }

  /// Every workload of a run, in the order of their names.
  static func all(_ result: RunResult) -> [WorkloadSeries] {
    let legs = Dictionary(grouping: LegRecord.deciding(result.legs), by: \.workload)
    let comparisons = Dictionary(grouping: result.comparisons, by: \.workload)
    let summaries = Dictionary(grouping: result.summaries, by: \.workload)
    let variants = Dictionary(grouping: result.variants ?? [], by: \.comparison.workload)
    let keys = Set(legs.keys).union(comparisons.keys).union(summaries.keys)
    return keys.map { key in
      WorkloadSeries(key, legs[key] ?? [], comparisons[key] ?? [], variants[key] ?? [], summaries[key] ?? [])
    }.sorted { $0.title < $1.title }
  }

  private init(
    _ workload: Workload, _ legs: [LegRecord], _ comparisons: [ComparisonRecord], _ variants: [VariantRecord],
    _ summaries: [SummaryRecord]
  ) {
    self.workload = workload
    self.comparisons = comparisons
    self.variants = variants
    self.summaries = summaries
    let own = Dictionary(grouping: legs.filter { $0.status == .ok }) { $0.path }
    lines = own.map { path, legs in Line(path: path, legs: legs.sorted { $0.block < $1.block }) }
      .sorted { $0.path < $1.path }
    let metrics = lines.lazy.flatMap(\.legs).flatMap(\.metrics)
    let compared = Set(comparisons.filter { $0.reference == .native }.map(\.metric))
    primary = metrics.first { compared.contains($0.name) } ?? metrics.first
  }
}
