/// Why a vCPU left the guest. Payload pointers stand in the run page: they are good until the next `run`.
public enum Exit {
  /// `in` or `out`, perhaps with a repeat prefix.
  case port(PortAccess)
  /// A load or store where there is no RAM.
  case memory(MemoryAccess)
  /// `hlt` with no in-kernel LAPIC to wait in.
  case halt
  /// A signal or `kick`; nothing of the guest was lost.
  case interrupted
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
}

/// A port access of a guest.
@safe public struct PortAccess {
  public let port: UInt16
  /// Bytes of one access: 1, 2 or 4.
  public let width: Int
  /// Accesses: above 1 with a repeat prefix.
  public let count: Int
  public let isWrite: Bool
  /// `width × count` bytes: what the guest wrote, or where to put what it reads.
  public let data: UnsafeMutableRawPointer

  @inlinable
  init(port: UInt16, width: Int, count: Int, isWrite: Bool, data: UnsafeMutableRawPointer) {
    self.port = port
    self.width = width
    self.count = count
    self.isWrite = isWrite
    unsafe self.data = unsafe data
  }
}

/// A memory-mapped access of a guest.
@safe public struct MemoryAccess {
  public let address: UInt64
  /// Bytes, 1 to 8; not always a power of two.
  public let width: Int
  public let isWrite: Bool
  /// Eight bytes, of which `width` count.
  public let data: UnsafeMutableRawPointer

  @inlinable
  init(address: UInt64, width: Int, isWrite: Bool, data: UnsafeMutableRawPointer) {
    self.address = address
    self.width = width
    self.isWrite = isWrite
    unsafe self.data = unsafe data
  }
}

extension Exit: CustomStringConvertible {
  public var description: String {
    switch self {
    case .port(let access):
      "port \(access.isWrite ? "write" : "read") at 0x\(String(access.port, radix: 16))"
    case .memory(let access):
      "memory \(access.isWrite ? "write" : "read") at 0x\(String(access.address, radix: 16))"
    case .halt: "halt"
    case .interrupted: "interrupted"
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
