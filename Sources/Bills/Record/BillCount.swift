import Results

/// Events that a bill counts for each operation. What a leg has no counter of, the emulator counts by how often a function of the kernel is
/// begun, in the one pass in which it counts.
public enum BillCount: String, CaseIterable, Sendable {
  case exits, userExits, injections, doorbells, diskCalls, systemCalls, contextSwitches

  /// The counters of a leg, all of which are added up; none of them there means that it was not counted.
  var counters: [String] {
    switch self {
    case .exits: ["vcpu.exits"]
    case .userExits: ["monitor.port_reads", "monitor.port_writes", "monitor.mmio_reads", "monitor.mmio_writes"]
    case .injections: ["vcpu.irq_injections"]
    case .doorbells: ["monitor.doorbells"]
    case .diskCalls: ["monitor.backend_calls"]
    case .systemCalls, .contextSwitches: []
    }
  }

  /// The kernel's function that is called once for each; nil where there is none. (arch/x86/kvm/svm/svm.c, arch/x86/kvm/x86.c,
  /// arch/x86/entry/entry_64.S.)
  var function: String? {
    switch self {
    case .exits: "svm_vcpu_run"
    case .userExits: "kvm_arch_vcpu_ioctl_run"
    case .systemCalls: "entry_SYSCALL_64"
    case .contextSwitches: "__switch_to_asm"
    case .injections, .doorbells, .diskCalls: nil
    }
  }

  /// As a table's head has it.
  public var title: String {
    switch self {
    case .exits: "exits"
    case .userExits: "user exits"
    case .injections: "injections"
    case .doorbells: "doorbells"
    case .diskCalls: "disk calls"
    case .systemCalls: "system calls"
    case .contextSwitches: "switches"
    }
  }
}
