import CKVM
import CLinux
import LinuxSystem
import SystemPackage

/// A virtual machine's descriptor: memory slots, interrupt controllers, event descriptors, vCPUs.
public struct VirtualMachine: ~Copyable, Sendable {
  let descriptor: Descriptor
  let runPageSize: Int

  /// Gives the guest RAM at a guest-physical address. The memory must outlive the machine.
  /// - Parameters:
  ///   - slot: 0 and up, one a region.
  ///   - guest: guest-physical address of the first byte, page-aligned.
  ///   - host: host address of the first byte, page-aligned.
  ///   - size: bytes, whole pages.
  ///   - isReadOnly: has the guest's writes leave to user space, as where there is no RAM.
  public borrowing func setMemory(
    slot: Int, guest: UInt64, host: UInt, size: UInt64, isReadOnly: Bool = false
  ) throws(SystemError) {
    var region = kvm_userspace_memory_region(
      slot: UInt32(slot), flags: isReadOnly ? UInt32(KVM_MEM_READONLY) : 0, guest_phys_addr: guest, memory_size: size,
      userspace_addr: UInt64(host))
    try Request.structure(descriptor.rawValue, nm_KVM_SET_USER_MEMORY_REGION, &region, "give the guest memory")
  }

  /// Takes a slot's memory from the guest. vCPUs may run meanwhile.
  public borrowing func removeMemory(slot: Int) throws(SystemError) {
    var region = kvm_userspace_memory_region(
      slot: UInt32(slot), flags: 0, guest_phys_addr: 0, memory_size: 0, userspace_addr: 0)
    try Request.structure(descriptor.rawValue, nm_KVM_SET_USER_MEMORY_REGION, &region, "take memory from the guest")
  }

  /// Makes the PIC, the IOAPIC and a LAPIC for every vCPU in the kernel. Comes before the first vCPU.
  ///
  /// VT-x without unrestricted guest needs three pages for its task state and one for its identity map; they lie below the
  /// firmware's place at the end of the first 4 GiB and must not hold RAM.
  public borrowing func createInterruptControllers(taskState: UInt64, identityMap: UInt64) throws(SystemError) {
    var map = identityMap
    // Backends without a need for these two answer with an error or ignore them: neither is one.
    _ = try? Request.structure(descriptor.rawValue, nm_KVM_SET_IDENTITY_MAP_ADDR, &map, "place the identity map")
    _ = try? Request.value(descriptor.rawValue, nm_KVM_SET_TSS_ADDR, UInt(taskState), "place the task state")
    try Request.value(descriptor.rawValue, nm_KVM_CREATE_IRQCHIP, 0, "create the interrupt controllers")
  }

  /// Makes the 8254 timer in the kernel, with port 0x61. Comes after the interrupt controllers.
  public borrowing func createTimer() throws(SystemError) {
    var configuration = kvm_pit_config()
    configuration.flags = UInt32(KVM_PIT_SPEAKER_DUMMY)
    try Request.structure(descriptor.rawValue, nm_KVM_CREATE_PIT2, &configuration, "create the timer")
  }

  /// Makes a vCPU.
  /// - Parameter index: its APIC identifier, 0 and up.
  public borrowing func createVCPU(_ index: Int) throws(SystemError) -> VCPU {
    let fd = try Request.value(descriptor.rawValue, nm_KVM_CREATE_VCPU, UInt(index), "create vCPU \(index)")
    let owned = Descriptor(owning: fd)
    let page = try Mapping.shared(owned.rawValue, count: runPageSize)
    return VCPU(descriptor: owned, page: page)
  }

  /// Frequency of the guest's TSC in kHz, nil where KVM cannot tell.
  public borrowing func tscFrequency() -> UInt64? {
    let answer = nm_ioctl_value(descriptor.rawValue, nm_KVM_GET_TSC_KHZ, 0)
    return answer > 0 ? UInt64(answer) : nil
  }

  /// What KVM answers for an extension on this machine.
  public borrowing func check(_ capability: Capability) -> Int {
    Int(max(0, nm_ioctl_value(descriptor.rawValue, nm_KVM_CHECK_EXTENSION, UInt(capability.number))))
  }
}
