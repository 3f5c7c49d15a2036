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

  init(_ name: String, type: UInt32, configuration: UInt64, configuration1: UInt64 = 0, configuration2: UInt64 = 0) {
    (self.name, self.type, self.configuration) = (name, type, configuration)
    (self.configuration1, self.configuration2) = (configuration1, configuration2)
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
}
