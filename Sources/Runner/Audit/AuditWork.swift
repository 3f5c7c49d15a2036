/// Guest work of a known number of operations, and the counters that must say that number.
struct AuditWork: Sendable {
  /// A counter and how often it counts an operation.
  struct Expectation: Sendable {
    let counter: String
    let factor: UInt64
    /// Counters of exits that the host causes meanwhile: no part of the work.
    let less: [String]

    init(_ counter: String, times factor: UInt64 = 1, less: [String] = []) {
      (self.counter, self.factor, self.less) = (counter, factor, less)
    }

    /// How often the counter counts so many operations; nil for a number that is a guest's word and no count: whatever 32 bits
    /// cannot hold takes minutes, and a window has milliseconds.
    func known(_ operations: UInt64) -> UInt64? {
      operations <= UInt64(UInt32.max) ? operations * factor : nil
    }
  }

  let workload: String
  /// What an operation is, in the plural.
  let phrase: String
  let expectations: [Expectation]
  /// Whether there is a way past KVM: an instruction that the processor carries out, or that a hypervisor below takes.
  var mayPassKVM = false

  /// What KVM leaves to the module of each backend to count: kvm_intel and kvm_amd do (arch/x86/kvm/vmx/vmx.c, svm/svm.c), another
  /// need not. The rest is counted in code that all backends share: what to look at instead.
  static let countedByBackend = [
    "kvm:kvm_exit": "vcpu.exits", "kvm:kvm_inj_virq": "vcpu.irq_injections", "vcpu.io_exits": "kvm:kvm_pio",
  ]

  private static let exits = Expectation("vcpu.exits", less: ["vcpu.irq_exits"])
  private static let tracedExits = Expectation(
    "kvm:kvm_exit",
    less: [
      "kvm:kvm_exit{exit_reason=EXTERNAL_INTERRUPT}", "kvm:kvm_exit{exit_reason=PREEMPTION_TIMER}",
      "kvm:kvm_exit{exit_reason=VMEXIT_INTR}",
    ])
  private static let echo = "kvm:kvm_pio{port=0x4e44-0x4e47}"
  private static let bells = "kvm:kvm_pio{port=0x4e48-0x4e4f}"
  private static let page = "kvm:kvm_mmio{gpa=0xd0000000-0xd0000fff}"

  static let all: [AuditWork] = [
    AuditWork(
      workload: "exits.pio.user", phrase: "port reads that the monitor answers",
      expectations: [
        exits, tracedExits, Expectation("vcpu.io_exits"), Expectation("kvm:kvm_pio"), Expectation(echo),
        Expectation("kvm:kvm_userspace_exit"),
      ]),
    AuditWork(
      workload: "exits.mmio.user", phrase: "register reads that the monitor answers",
      // A read is traced when it leaves the kernel and again when its answer is there.
      expectations: [
        exits, tracedExits, Expectation("vcpu.mmio_exits"), Expectation("kvm:kvm_mmio", times: 2),
        Expectation(page, times: 2), Expectation("kvm:kvm_userspace_exit"),
      ]),
    AuditWork(
      workload: "exits.pio.kernel", phrase: "port reads that KVM answers",
      expectations: [exits, tracedExits, Expectation("kvm:kvm_pio")]),
    AuditWork(
      workload: "exits.pio.doorbell", phrase: "port writes that end at an eventfd",
      expectations: [exits, tracedExits, Expectation("kvm:kvm_pio"), Expectation(bells)]),
    AuditWork(
      workload: "exits.mmio.doorbell", phrase: "register writes that end at an eventfd",
      expectations: [exits, tracedExits, Expectation("kvm:kvm_mmio"), Expectation(page)]),
    AuditWork(
      workload: "exits.cpuid", phrase: "CPUID instructions",
      expectations: [exits, tracedExits, Expectation("kvm:kvm_cpuid")], mayPassKVM: true),
    AuditWork(
      workload: "exits.hypercall", phrase: "hypercalls",
      expectations: [exits, tracedExits, Expectation("vcpu.hypercalls"), Expectation("kvm:kvm_hypercall")],
      mayPassKVM: true),
    AuditWork(
      workload: "exits.msr.read", phrase: "reads of IA32_TSC_ADJUST",
      expectations: [Expectation("kvm:kvm_msr")]),
    AuditWork(
      workload: "exits.ipi.self", phrase: "interrupts to itself",
      expectations: [
        Expectation("vcpu.irq_injections"), Expectation("kvm:kvm_inj_virq"), Expectation("kvm:kvm_apic_accept_irq"),
      ]),
    AuditWork(
      workload: "exits.halt.wake", phrase: "halts",
      expectations: [Expectation("vcpu.halt_exits")]),
  ]
}
