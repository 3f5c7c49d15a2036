import CKVM

/// The KVM extensions that NearMetal uses or reports, by their names in `linux/kvm.h`.
public enum Capability: String, CaseIterable, Sendable {
  case irqChip = "KVM_CAP_IRQCHIP"
  case userMemory = "KVM_CAP_USER_MEMORY"
  case extendedCPUID = "KVM_CAP_EXT_CPUID"
  case setTSSAddress = "KVM_CAP_SET_TSS_ADDR"
  case setIdentityMapAddress = "KVM_CAP_SET_IDENTITY_MAP_ADDR"
  case irqRouting = "KVM_CAP_IRQ_ROUTING"
  case irqFD = "KVM_CAP_IRQFD"
  case irqFDResample = "KVM_CAP_IRQFD_RESAMPLE"
  case ioEventFD = "KVM_CAP_IOEVENTFD"
  case ioEventFDNoLength = "KVM_CAP_IOEVENTFD_NO_LENGTH"
  case ioEventFDAnyLength = "KVM_CAP_IOEVENTFD_ANY_LENGTH"
  case signalMSI = "KVM_CAP_SIGNAL_MSI"
  case splitIRQChip = "KVM_CAP_SPLIT_IRQCHIP"
  case immediateExit = "KVM_CAP_IMMEDIATE_EXIT"
  case tscDeadlineTimer = "KVM_CAP_TSC_DEADLINE_TIMER"
  case getTSCFrequency = "KVM_CAP_GET_TSC_KHZ"
  case tscControl = "KVM_CAP_TSC_CONTROL"
  case coalescedMMIO = "KVM_CAP_COALESCED_MMIO"
  case coalescedPIO = "KVM_CAP_COALESCED_PIO"
  case exitOnEmulationFailure = "KVM_CAP_EXIT_ON_EMULATION_FAILURE"
  case binaryStatistics = "KVM_CAP_BINARY_STATS_FD"
  case disableExits = "KVM_CAP_X86_DISABLE_EXITS"
  case haltPoll = "KVM_CAP_HALT_POLL"
  case xenHVM = "KVM_CAP_XEN_HVM"
  case maximumVCPUs = "KVM_CAP_MAX_VCPUS"
  case memorySlots = "KVM_CAP_NR_MEMSLOTS"

  /// The number that `KVM_CHECK_EXTENSION` takes.
  public var number: Int32 {
    switch self {
    case .irqChip: KVM_CAP_IRQCHIP
    case .userMemory: KVM_CAP_USER_MEMORY
    case .extendedCPUID: KVM_CAP_EXT_CPUID
    case .setTSSAddress: KVM_CAP_SET_TSS_ADDR
    case .setIdentityMapAddress: KVM_CAP_SET_IDENTITY_MAP_ADDR
    case .irqRouting: KVM_CAP_IRQ_ROUTING
    case .irqFD: KVM_CAP_IRQFD
    case .irqFDResample: KVM_CAP_IRQFD_RESAMPLE
    case .ioEventFD: KVM_CAP_IOEVENTFD
    case .ioEventFDNoLength: KVM_CAP_IOEVENTFD_NO_LENGTH
    case .ioEventFDAnyLength: KVM_CAP_IOEVENTFD_ANY_LENGTH
    case .signalMSI: KVM_CAP_SIGNAL_MSI
    case .splitIRQChip: KVM_CAP_SPLIT_IRQCHIP
    case .immediateExit: KVM_CAP_IMMEDIATE_EXIT
    case .tscDeadlineTimer: KVM_CAP_TSC_DEADLINE_TIMER
    case .getTSCFrequency: KVM_CAP_GET_TSC_KHZ
    case .tscControl: KVM_CAP_TSC_CONTROL
    case .coalescedMMIO: KVM_CAP_COALESCED_MMIO
    case .coalescedPIO: KVM_CAP_COALESCED_PIO
    case .exitOnEmulationFailure: KVM_CAP_EXIT_ON_EMULATION_FAILURE
    case .binaryStatistics: KVM_CAP_BINARY_STATS_FD
    case .disableExits: KVM_CAP_X86_DISABLE_EXITS
    case .haltPoll: KVM_CAP_HALT_POLL
    case .xenHVM: KVM_CAP_XEN_HVM
    case .maximumVCPUs: KVM_CAP_MAX_VCPUS
    case .memorySlots: KVM_CAP_NR_MEMSLOTS
    }
  }

  /// What a NearMetal machine cannot do without.
  public static let required: [Capability] = [
    .irqChip, .userMemory, .extendedCPUID, .irqFD, .ioEventFD, .immediateExit,
  ]
}
