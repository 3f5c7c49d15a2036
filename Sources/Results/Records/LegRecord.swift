/// One run of one workload on one machine in one mode.
public struct LegRecord: Sendable, Equatable {
  /// Unique within the run.
  public var id: String
  /// The block it belongs to, from 0.
  public var block: Int
  /// Its place in the order in which the block's legs ran, from 0.
  public var order: Int
  public var path: Path
  public var workload: Workload
  public var status: LegStatus
  /// Why it was skipped or failed. Nil in a leg that is ok.
  public var reason: String?
  /// Empty unless the leg is ok; never holds a figure that was not measured. The first is the workload's headline: what a
  /// gate judges unless it is told otherwise.
  public var metrics: [MetricRecord]
  public var counters: [CounterRecord]
  public var cpuSeconds: CPUSeconds
  /// What disturbed the leg, by name with the unit in it: `stealSeconds`, `involuntarySwitches`. The run's ``NoiseRecord``
  /// says what is absent here and why.
  public var noise: [String: Double]
  /// Reasons to doubt the leg (steal, throttling, migration, multiplexed counters). Empty where there is none. Unless a
  /// repetition takes its place (see ``deciding(_:)``) the leg stays in every comparison; the comparison is flagged.
  public var validity: [String]
  /// Seconds from the run's beginning to the leg's.
  public var startedAt: Double
  /// 1, or 2 for the repetition of a leg that noise made invalid. Nil in results of versions that did not repeat.
  public var attempt: Int?
  /// Where the leg's memory lay; nil where nothing ran.
  public var memory: MemoryRecord?
  /// The windows of a leg that took turns; nil for one that had one window.
  public var turns: TurnsRecord?
  /// Why it took no turns, though its suite has them; nil where it took some, or none were planned.
  public var turnsAbsent: String?
  /// What its work computed; nil for work whose amount is the time's, and in results of versions that did not keep it.
  public var answer: AnswerRecord?

  public init(
    id: String, block: Int, order: Int, path: Path, workload: Workload, status: LegStatus, reason: String? = nil,
    metrics: [MetricRecord] = [],
    counters: [CounterRecord] = [], cpuSeconds: CPUSeconds = CPUSeconds(), noise: [String: Double] = [:],
    validity: [String] = [], startedAt: Double, attempt: Int? = 1, memory: MemoryRecord? = nil
  ) {
    self.id = id
    self.block = block
    self.order = order
    self.path = path
    self.workload = workload
    self.status = status
    self.reason = reason
    self.metrics = metrics
    self.counters = counters
    self.cpuSeconds = cpuSeconds
    self.noise = noise
    self.validity = validity
    self.startedAt = startedAt
    self.attempt = attempt
    self.memory = memory
  }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension LegRecord: Codable {
  private enum Field: String, CodingKey {
    case id, block, order, status, reason, metrics, counters, cpuSeconds, noise, validity, startedAt, attempt, memory
    case turns, turnsAbsent, answer
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    id = try fields.value(.id)
    block = try fields.value(.block)
    order = try fields.value(.order)
    status = try fields.value(.status)
    reason = try fields.optional(.reason)
    metrics = try fields.value(.metrics)
    counters = try fields.value(.counters)
    cpuSeconds = try fields.value(.cpuSeconds)
    noise = try fields.value(.noise)
    validity = try fields.value(.validity)
    startedAt = try fields.value(.startedAt)
    attempt = try fields.optional(.attempt)
    memory = try fields.optional(.memory)
    turns = try fields.optional(.turns)
    turnsAbsent = try fields.optional(.turnsAbsent)
    answer = try fields.optional(.answer)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(id, forKey: .id)
    try fields.encode(block, forKey: .block)
    try fields.encode(order, forKey: .order)
    try fields.encode(status, forKey: .status)
    try fields.encodeIfPresent(reason, forKey: .reason)
    try fields.encode(metrics, forKey: .metrics)
    try fields.encode(counters, forKey: .counters)
    try fields.encode(cpuSeconds, forKey: .cpuSeconds)
    try fields.encode(noise, forKey: .noise)
    try fields.encode(validity, forKey: .validity)
    try fields.encode(startedAt, forKey: .startedAt)
    try fields.encodeIfPresent(attempt, forKey: .attempt)
    try fields.encodeIfPresent(memory, forKey: .memory)
    try fields.encodeIfPresent(turns, forKey: .turns)
    try fields.encodeIfPresent(turnsAbsent, forKey: .turnsAbsent)
    try fields.encodeIfPresent(answer, forKey: .answer)
  }
}

/// How a leg ended.
public enum LegStatus: String, Codable, Sendable, CaseIterable {
  /// It ran to its end; its metrics stand.
  case ok
  /// The host or the plan has no place for it; the leg's reason says why.
  case skipped
  /// It was started and did not reach its end, or its data did not verify; the leg's reason says why.
  case failed
}
