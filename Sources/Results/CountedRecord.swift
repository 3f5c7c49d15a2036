/// What the counting pass counted of one workload on one machine in one mode: a short leg of its own, whose times are compared
/// with nothing, so that counting may cost what it costs.
public struct CountedRecord: Codable, Sendable, Equatable {
  public var machine: Machine
  public var mode: Mode
  public var workload: String
  public var parameters: [String: String]
  /// Operations inside the window: counts divided by it are per operation.
  public var operations: UInt64
  public var counters: [CounterRecord]

  public init(
    machine: Machine, mode: Mode, workload: String, parameters: [String: String], operations: UInt64,
    counters: [CounterRecord]
  ) {
    (self.machine, self.mode, self.workload, self.parameters) = (machine, mode, workload, parameters)
    (self.operations, self.counters) = (operations, counters)
  }
}
