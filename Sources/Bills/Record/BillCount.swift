import Results

/// Events that a bill counts for each operation, and the counters of a leg that they are taken from.
public enum BillCount: String, CaseIterable, Sendable {
  case exits, userExits, injections, doorbells, systemCalls, contextSwitches

  /// The counters, all of which are added up; none of them there means that it was not counted.
  var counters: [String] {
    switch self {
    case .exits: ["vcpu.exits"]
    case .userExits: ["monitor.port_reads", "monitor.port_writes", "monitor.mmio_reads", "monitor.mmio_writes"]
    case .injections: ["vcpu.irq_injections"]
    case .doorbells: ["monitor.doorbells"]
    case .systemCalls: ["monitor.backend_calls"]
    case .contextSwitches: ["context-switches"]
    }
  }

  /// As a table's head has it.
  public var title: String {
    switch self {
    case .exits: "exits"
    case .userExits: "user exits"
    case .injections: "injections"
    case .doorbells: "doorbells"
    case .systemCalls: "disk calls"
    case .contextSwitches: "switches"
    }
  }
}
