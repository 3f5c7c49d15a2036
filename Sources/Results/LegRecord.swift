/// One run of one workload on one machine in one mode.
public struct LegRecord: Codable, Sendable, Equatable {
  /// Unique within the run.
  public var id: String
  /// The block it belongs to, from 0.
  public var block: Int
  /// Its place in the order in which the block's legs ran, from 0.
  public var order: Int
  public var machine: Machine
  public var mode: Mode
  /// The workload's id, without parameters: `block.randread`.
  public var workload: String
  /// The workload's parameters as they are shown: `["bs": "4KiB", "qd": "1"]`.
  public var parameters: [String: String]
  public var status: LegStatus
  /// Why it was skipped or failed. Nil in a leg that is ok.
  public var reason: String?
  /// Empty unless the leg is ok; never holds a figure that was not measured. The first is the workload's headline: what a
  /// gate judges unless it is told otherwise.
  public var metrics: [MetricRecord]
  public var counters: [CounterRecord]
  public var cpuSeconds: CPUSeconds
  /// What disturbed the leg, by name with the unit in it: `stealSeconds`, `involuntarySwitches`.
  public var noise: [String: Double]
  /// Reasons to doubt the leg (steal, throttling, migration, multiplexed counters). Empty where there is none. The leg
  /// stays in every comparison; the comparison is flagged.
  public var validity: [String]
  /// Seconds from the run's beginning to the leg's.
  public var startedAt: Double

  public init(
    id: String, block: Int, order: Int, machine: Machine, mode: Mode, workload: String,
    parameters: [String: String] = [:], status: LegStatus, reason: String? = nil, metrics: [MetricRecord] = [],
    counters: [CounterRecord] = [], cpuSeconds: CPUSeconds = CPUSeconds(), noise: [String: Double] = [:],
    validity: [String] = [], startedAt: Double
  ) {
    self.id = id
    self.block = block
    self.order = order
    self.machine = machine
    self.mode = mode
    self.workload = workload
    self.parameters = parameters
    self.status = status
    self.reason = reason
    self.metrics = metrics
    self.counters = counters
    self.cpuSeconds = cpuSeconds
    self.noise = noise
    self.validity = validity
    self.startedAt = startedAt
  }
}
