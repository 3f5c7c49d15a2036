import Results

extension RunResult {
  /// How many times the processor time of an operation on bare metal an operation of a ratio's is paid with, of all of the host's CPUs;
  /// nil where that was not measured.
  func cpuTimes(of ratio: ComparisonRecord) -> Double? {
    // Better is more, of times as well.
    comparisons.first {
      $0.metric == MetricRecord.cpuTime && $0.reference == .native && $0.workload == ratio.workload
        && $0.path == ratio.path
    }.map { 1 / $0.ratio }
  }
}
