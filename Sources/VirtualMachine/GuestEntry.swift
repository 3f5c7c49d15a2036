import CKVM
import KVM
import LinuxBoot
import LinuxSystem

/// Where a guest begins, and in which state of the processor.
enum GuestEntry: Sendable {
  /// 32-bit entry with flat segments and paging off.
  case protectedMode(ProtectedModeEntry)
  /// Linux's 64-bit entry (Documentation/arch/x86/boot.rst): flat segments, the first 4 GiB mapped to themselves.
  case longMode(LinuxLoader.Entry)
}

/// Where a guest begins in 32-bit protected mode, and what it is given: PVH (Xen, docs/misc/pvh.pandoc) and Multiboot (0.6.96 §3.2)
/// want the same state.
struct ProtectedModeEntry: Sendable {
  var instruction: UInt32
  /// EAX; nothing that PVH sets.
  var accumulator: UInt32 = 0
  /// EBX: guest-physical address of what leads the guest to all else.
  var information: UInt32
}

extension VCPU {
  /// Sets the registers as the entry wants them.
  mutating func prepare(_ entry: GuestEntry) throws(SystemError) {
    switch entry {
    case .protectedMode(let entry): try prepare(entry)
    case .longMode(let entry): try prepare(entry)
    }
  }

  private mutating func prepare(_ entry: ProtectedModeEntry) throws(SystemError) {
    var special = try specialRegisters()
    special.setFlatSegments(code: 0x8, data: 0x10, isLong: false)
    special.cr0 = 0x11  // protection, and the bit that is always one
    special.cr4 = 0
    try setSpecialRegisters(special)
    var general = kvm_regs()
    general.rip = UInt64(entry.instruction)
    general.rax = UInt64(entry.accumulator)
    general.rbx = UInt64(entry.information)
    general.rflags = 2
    try setRegisters(general)
  }

  private mutating func prepare(_ entry: LinuxLoader.Entry) throws(SystemError) {
    var special = try specialRegisters()
    special.setFlatSegments(code: LinuxLoader.codeSelector, data: LinuxLoader.dataSelector, isLong: true)
    special.gdt.base = entry.descriptors
    special.gdt.limit = entry.descriptorLimit
    special.idt.base = 0
    special.idt.limit = 0
    special.cr0 = 0x8000_0011  // paging and protection
    special.cr3 = entry.pageTable
    special.cr4 = 0x20  // physical address extension
    special.efer = 0x500  // long mode, enabled and active
    try setSpecialRegisters(special)
    var general = kvm_regs()
    general.rip = entry.instruction
    general.rsi = entry.bootParameters
    general.rflags = 2
    try setRegisters(general)
  }
}

extension kvm_sregs {
  fileprivate mutating func setFlatSegments(code codeSelector: UInt16, data dataSelector: UInt16, isLong: Bool) {
    let code = kvm_segment(
      base: 0, limit: 0xffff_ffff, selector: codeSelector, type: 0xb, present: 1, dpl: 0, db: isLong ? 0 : 1, s: 1,
      l: isLong ? 1 : 0, g: 1, avl: 0, unusable: 0, padding: 0)
    let data = kvm_segment(
      base: 0, limit: 0xffff_ffff, selector: dataSelector, type: 0x3, present: 1, dpl: 0, db: 1, s: 1, l: 0, g: 1,
      avl: 0, unusable: 0, padding: 0)
    cs = code
    (ds, es, ss, fs, gs) = (data, data, data, data, data)
    tr = kvm_segment(
      base: 0, limit: 0x67, selector: 0, type: 0xb, present: 1, dpl: 0, db: 0, s: 0, l: 0, g: 0, avl: 0, unusable: 0,
      padding: 0)
  }
}
