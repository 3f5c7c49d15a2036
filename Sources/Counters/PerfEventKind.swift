import CPfm

/// What a perf event counts: perf's type and configuration, under a name.
public struct PerfEventKind: Equatable, Sendable {
  /// Name in results: "task-clock", "instructions", "ix86arch::INSTRUCTION_RETIRED".
  public let name: String
  /// perf_event_attr's type, and the configuration whose meaning depends on it.
  let type: UInt32
  let configuration: UInt64
  let configuration1: UInt64
  let configuration2: UInt64
  /// Privilege levels that are left out: what `:u` and `:k` behind a name say.
  let excludesUser: Bool
  let excludesKernel: Bool
  /// Which of a tracepoint's hits count, in the kernel's filter language; nil for all.
  public let filter: String?

  init(
    _ name: String, type: UInt32, configuration: UInt64, configuration1: UInt64 = 0, configuration2: UInt64 = 0,
    excludesUser: Bool = false, excludesKernel: Bool = false, filter: String? = nil
  ) {
    (self.name, self.type, self.configuration) = (name, type, configuration)
    (self.configuration1, self.configuration2) = (configuration1, configuration2)
    (self.excludesUser, self.excludesKernel, self.filter) = (excludesUser, excludesKernel, filter)
  }

  /// Who counts it.
  public var source: EventSource {
    switch type {
    case PERF_TYPE_SOFTWARE.rawValue: .kernel
    case PERF_TYPE_TRACEPOINT.rawValue: .tracepoint
    default: .processor
    }
  }

  /// perf's type and configuration as numbers: what a processor's manual or a tracepoint's id file says.
  public var encoding: (type: UInt32, configuration: UInt64) { (type, configuration) }

  /// The same event in user space only, under the name that says so.
  var userOnly: PerfEventKind {
    PerfEventKind(
      name.hasSuffix(":u") ? name : "\(name):u", type: type, configuration: configuration,
      configuration1: configuration1, configuration2: configuration2, excludesKernel: true, filter: filter)
  }

  private static func countedByKernel(_ name: String, _ id: perf_sw_ids) -> PerfEventKind {
    PerfEventKind(name, type: PERF_TYPE_SOFTWARE.rawValue, configuration: UInt64(id.rawValue))
  }

  private static func countedByProcessor(_ name: String, _ id: perf_hw_id) -> PerfEventKind {
    PerfEventKind(name, type: PERF_TYPE_HARDWARE.rawValue, configuration: UInt64(id.rawValue))
  }

  /// Nanoseconds that the thread ran.
  public static let taskClock: PerfEventKind = countedByKernel("task-clock", PERF_COUNT_SW_TASK_CLOCK)
  /// Times that the thread left its CPU, of its own will or not.
  public static let contextSwitches: PerfEventKind = countedByKernel("context-switches", PERF_COUNT_SW_CONTEXT_SWITCHES)
  /// Page faults, minor and major.
  public static let pageFaults: PerfEventKind = countedByKernel("page-faults", PERF_COUNT_SW_PAGE_FAULTS)
  /// Times that the thread went to another CPU.
  public static let migrations: PerfEventKind = countedByKernel("cpu-migrations", PERF_COUNT_SW_CPU_MIGRATIONS)
  /// The software events, which need no PMU.
  public static let software: [PerfEventKind] = [taskClock, contextSwitches, pageFaults, migrations]

  /// Core clock cycles while not halted.
  public static let cycles: PerfEventKind = countedByProcessor("cycles", PERF_COUNT_HW_CPU_CYCLES)
  /// Instructions retired.
  public static let instructions: PerfEventKind = countedByProcessor("instructions", PERF_COUNT_HW_INSTRUCTIONS)
  /// Accesses to the last-level cache that missed.
  public static let cacheMisses: PerfEventKind = countedByProcessor("cache-misses", PERF_COUNT_HW_CACHE_MISSES)
  /// Branches retired that were predicted wrongly.
  public static let branchMisses: PerfEventKind = countedByProcessor("branch-misses", PERF_COUNT_HW_BRANCH_MISSES)
  /// Loads, stores and instruction fetches whose translation was in no level of the TLB that the kernel's table speaks of.
  public static let tlbMisses: [PerfEventKind] = [
    ofCache("dTLB-load-misses", PERF_COUNT_HW_CACHE_DTLB, PERF_COUNT_HW_CACHE_OP_READ),
    ofCache("dTLB-store-misses", PERF_COUNT_HW_CACHE_DTLB, PERF_COUNT_HW_CACHE_OP_WRITE),
    ofCache("iTLB-load-misses", PERF_COUNT_HW_CACHE_ITLB, PERF_COUNT_HW_CACHE_OP_READ),
  ]

  /// Misses of a cache: perf_event_open(2), PERF_TYPE_HW_CACHE.
  private static func ofCache(
    _ name: String, _ cache: perf_hw_cache_id, _ operation: perf_hw_cache_op_id
  ) -> PerfEventKind {
    let miss = UInt64(PERF_COUNT_HW_CACHE_RESULT_MISS.rawValue)
    return PerfEventKind(
      name, type: PERF_TYPE_HW_CACHE.rawValue,
      configuration: UInt64(cache.rawValue) | UInt64(operation.rawValue) << 8 | miss << 16)
  }
}
