import CKVM
import LinuxSystem
import SystemPackage

/// A table of CPUID leaves for a guest.
public struct CPUIDTable: Sendable {
  /// More leaves than any CPU has; KVM itself stops at 256.
  static let limit = 256

  public private(set) var entries: [kvm_cpuid_entry2]

  public init(_ entries: [kvm_cpuid_entry2]) {
    self.entries = entries
  }

  init(supportedBy fd: Int32) throws(SystemError) {
    let bytes = MemoryLayout<kvm_cpuid2>.size + Self.limit * MemoryLayout<kvm_cpuid_entry2>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    defer { unsafe memory.deallocate() }
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    let table = unsafe memory.assumingMemoryBound(to: kvm_cpuid2.self)
    unsafe table.pointee.nent = UInt32(Self.limit)
    try unsafe Request.raw(fd, nm_KVM_GET_SUPPORTED_CPUID, memory, "ask KVM for the CPUID leaves it supports")
    let first = unsafe nm_cpuid_entries(table)!
    entries = unsafe (0..<Int(table.pointee.nent)).map { unsafe first[$0] }
  }

  /// The table as one processor of a guest sees it: its own APIC identifier, the hypervisor bit, and the timer that
  /// the in-kernel LAPIC has.
  ///
  /// Leaves are filtered only where the value depends on the processor or on the machine; everything else is passed on, so
  /// that guest code runs with the instructions that native code has.
  public func forProcessor(_ index: Int, of count: Int) -> CPUIDTable {
    let identifier = UInt32(index)
    return CPUIDTable(
      entries.map { entry in
        var leaf = entry
        switch leaf.function {
        case 0x1:
          leaf.ebx = (leaf.ebx & 0x0000_ffff) | identifier << 24 | UInt32(count & 0xff) << 16
          leaf.ecx |= 1 << 31 | 1 << 24  // hypervisor present; TSC-deadline timer, which the in-kernel LAPIC provides
        case 0xb, 0x1f:
          leaf.edx = identifier
        case 0x8000_001e:
          leaf.eax = identifier
        default: break
        }
        return leaf
      })
  }

  /// Calls `body` with the structure that `KVM_SET_CPUID2` takes.
  func withTable<R>(_ body: (UnsafeMutableRawPointer) throws(SystemError) -> R) throws(SystemError) -> R {
    let bytes = MemoryLayout<kvm_cpuid2>.size + entries.count * MemoryLayout<kvm_cpuid_entry2>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    defer { unsafe memory.deallocate() }
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    let table = unsafe memory.assumingMemoryBound(to: kvm_cpuid2.self)
    unsafe table.pointee.nent = UInt32(entries.count)
    let first = unsafe nm_cpuid_entries(table)!
    for (index, entry) in entries.enumerated() { unsafe first[index] = entry }
    return try unsafe body(memory)
  }
}
