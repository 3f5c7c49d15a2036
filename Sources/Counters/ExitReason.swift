/// An exit reason that a processor's manual numbers.
public struct ExitReason: Equatable, Sendable {
  public let name: String
  /// The number in the tracepoint's field.
  public let number: UInt64
  /// The field of kvm:kvm_exit that holds it.
  let field = "exit_reason"

  private init(_ name: String, _ number: UInt64) { (self.name, self.number) = (name, number) }

  /// VT-x: basic exit reasons (Intel SDM volume 3D, appendix C, table C-1).
  public static let vmx = [
    ExitReason("EXCEPTION_NMI", 0), ExitReason("EXTERNAL_INTERRUPT", 1), ExitReason("INTERRUPT_WINDOW", 7),
    ExitReason("CPUID", 10), ExitReason("HLT", 12), ExitReason("VMCALL", 18), ExitReason("CR_ACCESS", 28),
    ExitReason("DR_ACCESS", 29), ExitReason("IO_INSTRUCTION", 30), ExitReason("RDMSR", 31), ExitReason("WRMSR", 32),
    ExitReason("PAUSE", 40), ExitReason("TPR_BELOW_THRESHOLD", 43), ExitReason("APIC_ACCESS", 44),
    ExitReason("VIRTUALIZED_EOI", 45), ExitReason("EPT_VIOLATION", 48), ExitReason("EPT_MISCONFIGURATION", 49),
    ExitReason("PREEMPTION_TIMER", 52), ExitReason("APIC_WRITE", 56),
  ]

  /// SVM: intercept codes (AMD APM volume 2, appendix C, table C-1).
  public static let svm = [
    ExitReason("VMEXIT_CR0_WRITE", 0x10), ExitReason("VMEXIT_CR3_WRITE", 0x13), ExitReason("VMEXIT_CR8_WRITE", 0x18),
    ExitReason("VMEXIT_DR7_WRITE", 0x37), ExitReason("VMEXIT_EXCP6", 0x46), ExitReason("VMEXIT_INTR", 0x60),
    ExitReason("VMEXIT_NMI", 0x61), ExitReason("VMEXIT_VINTR", 0x64), ExitReason("VMEXIT_CPUID", 0x72),
    ExitReason("VMEXIT_PAUSE", 0x77), ExitReason("VMEXIT_HLT", 0x78), ExitReason("VMEXIT_IOIO", 0x7b),
    ExitReason("VMEXIT_MSR", 0x7c), ExitReason("VMEXIT_VMMCALL", 0x81), ExitReason("VMEXIT_NPF", 0x400),
    ExitReason("AVIC_INCOMPLETE_IPI", 0x401), ExitReason("AVIC_NOACCEL", 0x402),
  ]

  /// PVM: exceptions by their vectors (Intel SDM volume 3A, table 6-1), and what the switcher of the published kernel adds
  /// (arch/x86/kvm/pvm/pvm.h of github.com/virt-pvm/linux). Numbers on which its versions differ are left out. A module need not
  /// trace exits at all: see the audit.
  public static let pvm = [
    ExitReason("PVM_DB", 1), ExitReason("PVM_NMI", 2), ExitReason("PVM_UD", 6), ExitReason("PVM_NM", 7),
    ExitReason("PVM_GP", 13), ExitReason("PVM_PF", 14), ExitReason("PVM_SYSCALL", 1 << 16),
    ExitReason("PVM_HYPERCALL", 2 << 16), ExitReason("PVM_ERETU", 3 << 16),
  ]

  static let all = vmx + svm + pvm
}
