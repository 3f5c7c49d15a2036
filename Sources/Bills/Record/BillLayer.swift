/// Whose instructions an operation took.
public enum BillLayer: String, CaseIterable, Sendable {
  case guestUser = "guest.user"
  case guestKernel = "guest.kernel"
  case kvm
  case kernel
  case monitor
  case libraries

  /// As a table's head has it.
  public var title: String {
    switch self {
    case .guestUser: "guest CPL 3"
    case .guestKernel: "guest CPL 0"
    case .kvm: "KVM"
    case .kernel: "kernel"
    case .monitor: "monitor"
    case .libraries: "libraries"
    }
  }
}
