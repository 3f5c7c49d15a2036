/// Why a vCPU left the guest. It lies in the run page, which the next entry overwrites: `VCPU.enter` lends it to whoever answers,
/// and it can be neither copied nor kept.
public enum Exit: ~Copyable {
  /// `in` or `out`, perhaps with a repeat prefix.
  case port(PortAccess)
  /// A load or store where there is no RAM.
  case memory(MemoryAccess)
  /// `hlt` with no in-kernel LAPIC to wait in.
  case halt
  /// A signal or an ``ExitRequest``; nothing of the guest was lost.
  case interrupted
  /// Nothing that an answer could let go on.
  case fatal(FatalExit)
}

/// Why a guest cannot go on.
public enum FatalExit: Hashable, Sendable, CustomStringConvertible {
  /// Triple fault.
  case shutdown
  /// Reset or power-off asked for through a paravirtual interface.
  case systemEvent(UInt32)
  /// KVM could not go on: an instruction it cannot emulate, or a state that it did not foresee.
  case internalError(suberror: UInt32)
  /// The processor refused to enter the guest.
  case entryFailed(reason: UInt64)
  /// Any other reason, by its number in `linux/kvm.h`.
  case other(UInt32)

  public var description: String {
    switch self {
    case .shutdown: "triple fault"
    case .systemEvent(let type): "system event \(type)"
    case .internalError(let suberror):
      switch suberror {
      case 1: "KVM internal error: emulation failed"
      case 3: "KVM internal error: event could not be delivered"
      default: "KVM internal error \(suberror)"
      }
    case .entryFailed(let reason): "guest entry failed with hardware reason 0x\(String(reason, radix: 16))"
    case .other(let reason): "unexpected exit \(reason)"
    }
  }
}
