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
  let vcpu: VCPU
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

  /// Enters once and returns the port access that ended it.
  func enterToPort() throws -> PortAccess {
    let exit = try vcpu.enter()
    guard case .port(let access) = exit else { throw UnexpectedExit(description: "\(exit)") }
    return access
  }

  /// Enters once and returns the memory access that ended it.
  func enterToMemory() throws -> MemoryAccess {
    let exit = try vcpu.enter()
    guard case .memory(let access) = exit else { throw UnexpectedExit(description: "\(exit)") }
    return access
  }

  /// Enters until the guest writes a byte to port 0x10, and returns it. Other exits are answered with nothing.
  func runToReport() throws -> UInt8? {
    for _ in 0..<1000 {
      switch try vcpu.enter() {
      case .port(let access) where access.isWrite && access.port == 0x10: return unsafe access.data.load(as: UInt8.self)
      case .port, .memory, .interrupted: continue
      default: return nil
      }
    }
    return nil
  }
}

/// An exit that a test did not mean to see.
struct UnexpectedExit: Error, CustomStringConvertible {
  let description: String
}
