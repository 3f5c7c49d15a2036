import CKVM
import CLinux
import GuestMemory
import KVM
import LinuxSystem

/// One vCPU in real mode at 0x1000 with 32 KiB of RAM: everything from 0x8000 up is memory-mapped I/O.
final class RealModeGuest: @unchecked Sendable {
  // @unchecked: a test hands the guest to one thread at a time.

  static let codeStart: UInt64 = 0x1000
  private static let ramSize: UInt64 = 0x8000
  let machine: VirtualMachine
  var vcpu: VCPU
  let memory: GuestMemory

  /// - Parameters:
  ///   - code: bytes for 0x1000.
  ///   - other: bytes for other addresses: interrupt vectors, handlers, data.
  init(_ code: [UInt8], other: [UInt64: [UInt8]] = [:]) throws {
    let system = try System()
    machine = try system.createVirtualMachine()
    memory = try GuestMemory(size: 2 << 20, hugePages: false)
    let region = memory.regions[0]
    try machine.setMemory(slot: 0, guest: 0, host: region.host, size: Self.ramSize)
    try machine.createInterruptControllers(taskState: 0xfffb_d000, identityMap: 0xfffb_c000)
    vcpu = try machine.createVCPU(0)
    try vcpu.setCPUID(system.supportedCPUID().forProcessor(0, of: 1))
    try memory.write(code, at: GuestAddress(Self.codeStart))
    for (address, bytes) in other { try memory.write(bytes, at: GuestAddress(address)) }
    var special = try vcpu.specialRegisters()
    special.cs.base = 0
    special.cs.selector = 0
    try vcpu.setSpecialRegisters(special)
    var general = kvm_regs()
    general.rip = Self.codeStart
    general.rsp = 0x7000
    general.rflags = 2
    try vcpu.setRegisters(general)
  }

  /// What of an access is left when the exit is gone: by value.
  struct Port: Equatable {
    let port: UInt16
    let width: Int
    let count: Int
    let isWrite: Bool
    let bytes: [UInt8]
  }

  /// As `Port`.
  struct Memory: Equatable {
    let address: UInt64
    let width: Int
    let isWrite: Bool
    let value: UInt64
  }

  /// Enters until something of the guest ends it: a busy kernel may interrupt an entry for work of its own, and the guest goes on.
  private func enterUndisturbed<Answer>(_ answer: (borrowing Exit) -> Answer) throws -> Answer {
    while true {
      let given: Answer? = try vcpu.enter { exit in
        switch exit {
        case .interrupted: nil
        default: answer(exit)
        }
      }
      if let given { return given }
    }
  }

  /// Enters and returns the port access that ended it.
  /// - Parameter answer: what a read gets; a read that gets nothing sees what was there.
  func enterToPort(answer: UInt64? = nil) throws -> Port {
    let port: Result<Port, UnexpectedExit> = try enterUndisturbed { exit in
      switch exit {
      case .port(let access):
        if let answer { access.answer(answer) }
        return .success(
          Port(
            port: access.port, width: access.width, count: access.count, isWrite: access.isWrite,
            bytes: unsafe access.withUnsafeBytes { unsafe Array($0) }))
      default: return .failure(UnexpectedExit(exit))
      }
    }
    return try port.get()
  }

  /// Enters and returns the memory access that ended it.
  /// - Parameter answer: what a read gets.
  func enterToMemory(answer: UInt64? = nil) throws -> Memory {
    let memory: Result<Memory, UnexpectedExit> = try enterUndisturbed { exit in
      switch exit {
      case .memory(let access):
        if let answer { access.answer(answer) }
        return .success(
          Memory(address: access.address, width: access.width, isWrite: access.isWrite, value: access.value))
      default: return .failure(UnexpectedExit(exit))
      }
    }
    return try memory.get()
  }

  /// Enters once and says whether nothing of the guest ended it.
  func isInterrupted() throws -> Bool {
    try vcpu.enter { exit in
      switch exit {
      case .interrupted: true
      default: false
      }
    }
  }

  /// Enters until the guest writes a byte to port 0x10, and returns it. Other exits are answered with nothing.
  func runToReport() throws -> UInt8? {
    enum Step {
      case report(UInt8)
      case next, end
    }
    for _ in 0..<1000 {
      let step: Step = try vcpu.enter { exit in
        switch exit {
        case .port(let access):
          access.isWrite && access.port == 0x10 ? .report(UInt8(truncatingIfNeeded: access.value)) : .next
        case .memory: .next
        case .interrupted: .next
        default: .end
        }
      }
      switch step {
      case .report(let byte): return byte
      case .next: continue
      case .end: return nil
      }
    }
    return nil
  }
}

/// An exit that a test did not mean to see.
struct UnexpectedExit: Error, CustomStringConvertible {
  let description: String

  init(_ exit: borrowing Exit) {
    description =
      switch exit {
      case .port(let access): "port \(access.port)"
      case .memory(let access): "memory \(access.address)"
      case .halt: "halt"
      case .interrupted: "interrupted"
      case .fatal(let fatal): "\(fatal)"
      }
  }
}
