extension PerfEventKind {
  /// Events that perf knows on every processor, by perf's own names.
  public static let generic: [PerfEventKind] = software + basic

  /// What the set `basic` counts, the most telling first.
  public static let basic: [PerfEventKind] = [cycles, instructions, cacheMisses, branchMisses] + tlbMisses

  /// libpfm4's names of page walks on the processors that count them, the newer name first where generations call the same
  /// thing differently: libpfm4 keeps some old names as second ones of new events.
  /// (Intel SDM volume 3B §20.3, perfmon-events.intel.com; AMD PPR, PMCx045.)
  private static let pageWalkNames = [
    ["DTLB_LOAD_MISSES:WALK_ACTIVE", "DTLB_LOAD_MISSES:WALK_DURATION"],
    ["DTLB_STORE_MISSES:WALK_ACTIVE", "DTLB_STORE_MISSES:WALK_DURATION"],
    ["ITLB_MISSES:WALK_ACTIVE", "ITLB_MISSES:WALK_DURATION"],
    ["EPT:WALK_PENDING", "EPT:WALK_CYCLES"],
    ["L1_DTLB_MISS:TLB_RELOAD_4K_L2_MISS"], ["L1_DTLB_MISS:TLB_RELOAD_2M_L2_MISS"],
  ]

  /// The page walks that a processor counts, each once; empty where its table has none.
  /// - Parameter table: libpfm4's name of it; nil for those of this processor.
  static func pageWalks(of table: String? = nil) -> [PerfEventKind] {
    let prefix = table.map { "\($0)::" } ?? ""
    return pageWalkNames.compactMap { names in
      names.lazy.compactMap { try? PerfEventKind(named: prefix + $0) }.first
    }
  }

  /// What the set `vm` counts of KVM: exits, how they were handled, and interrupts.
  static let kvmTracepoints = [
    "kvm:kvm_exit", "kvm:kvm_userspace_exit", "kvm:kvm_pio", "kvm:kvm_mmio", "kvm:kvm_fast_mmio",
    "kvm:kvm_emulate_insn", "kvm:kvm_cpuid", "kvm:kvm_msr", "kvm:kvm_hypercall", "kvm:kvm_page_fault",
    "kvm:kvm_inj_virq", "kvm:kvm_inj_exception", "kvm:kvm_apic_accept_irq", "kvm:kvm_eoi", "kvm:kvm_vcpu_wakeup",
  ]
}
