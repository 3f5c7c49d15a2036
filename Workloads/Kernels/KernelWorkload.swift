import ProbeABI

/// The table of the workloads that guest and native machine share.
public enum KernelWorkload: UInt8 {
  case cpuInteger

  /// Number of workloads; raw values run from 0 up to, not including, this.
  public static let count: UInt8 = 1

  /// The name in job texts, suites and results.
  public var name: StaticString {
    switch self {
    case .cpuInteger: "cpu.integer"
    }
  }

  init?(named name: ByteSlice) {
    for index in 0..<KernelWorkload.count {
      if let workload = KernelWorkload(rawValue: index), name.equals(workload.name) {
        self = workload
        return
      }
    }
    return nil
  }

  /// Runs a job of this workload and answers it.
  func run(_ job: borrowing Job, _ context: inout JobContext) {
    switch self {
    case .cpuInteger: KernelWorkload.measure(CPUInteger(seed: job.seed), job, &context)
    }
  }

  private static func measure<Workload: BatchWorkload>(
    _ workload: Workload, _ job: borrowing Job, _ context: inout JobContext
  ) {
    var workload = workload
    guard let measurement = Meter.measure(&workload, job, &context) else { return }
    context.finish(measurement)
  }
}
