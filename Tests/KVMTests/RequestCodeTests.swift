import CKVM
import CLinux
import Testing

/// Request codes are the kernel's interface: a structure of another size is another request.
@Suite struct RequestCodeTests {
  /// Bits 16 to 29 of a request code: bytes of its argument (asm-generic/ioctl.h).
  private static func size(_ code: UInt) -> Int { Int(code >> 16 & 0x3fff) }

  private static let structured: [(name: String, code: UInt, size: Int)] = [
    ("KVM_SET_USER_MEMORY_REGION", nm_KVM_SET_USER_MEMORY_REGION, MemoryLayout<kvm_userspace_memory_region>.size),
    ("KVM_SET_IDENTITY_MAP_ADDR", nm_KVM_SET_IDENTITY_MAP_ADDR, MemoryLayout<UInt64>.size),
    ("KVM_CREATE_PIT2", nm_KVM_CREATE_PIT2, MemoryLayout<kvm_pit_config>.size),
    ("KVM_SET_GSI_ROUTING", nm_KVM_SET_GSI_ROUTING, MemoryLayout<kvm_irq_routing>.size),
    ("KVM_IRQFD", nm_KVM_IRQFD, MemoryLayout<kvm_irqfd>.size),
    ("KVM_IOEVENTFD", nm_KVM_IOEVENTFD, MemoryLayout<kvm_ioeventfd>.size),
    ("KVM_SIGNAL_MSI", nm_KVM_SIGNAL_MSI, MemoryLayout<kvm_msi>.size),
    ("KVM_IRQ_LINE", nm_KVM_IRQ_LINE, MemoryLayout<kvm_irq_level>.size),
    ("KVM_GET_IRQCHIP", nm_KVM_GET_IRQCHIP, MemoryLayout<kvm_irqchip>.size),
    ("KVM_SET_IRQCHIP", nm_KVM_SET_IRQCHIP, MemoryLayout<kvm_irqchip>.size),
    ("KVM_ENABLE_CAP", nm_KVM_ENABLE_CAP, MemoryLayout<kvm_enable_cap>.size),
    ("KVM_GET_SUPPORTED_CPUID", nm_KVM_GET_SUPPORTED_CPUID, MemoryLayout<kvm_cpuid2>.size),
    ("KVM_GET_REGS", nm_KVM_GET_REGS, MemoryLayout<kvm_regs>.size),
    ("KVM_SET_REGS", nm_KVM_SET_REGS, MemoryLayout<kvm_regs>.size),
    ("KVM_GET_SREGS", nm_KVM_GET_SREGS, MemoryLayout<kvm_sregs>.size),
    ("KVM_SET_SREGS", nm_KVM_SET_SREGS, MemoryLayout<kvm_sregs>.size),
    ("KVM_SET_CPUID2", nm_KVM_SET_CPUID2, MemoryLayout<kvm_cpuid2>.size),
    ("KVM_GET_MP_STATE", nm_KVM_GET_MP_STATE, MemoryLayout<kvm_mp_state>.size),
    ("KVM_SET_MP_STATE", nm_KVM_SET_MP_STATE, MemoryLayout<kvm_mp_state>.size),
  ]

  @Test(arguments: structured)
  func theSizeInTheCodeIsThatOfTheStructure(name: String, code: UInt, size: Int) {
    #expect(Self.size(code) == size, "\(name)")
    #expect(code >> 8 & 0xff == 0xae, "\(name) belongs to KVM")
  }

  private static let plain: [(name: String, code: UInt)] = [
    ("KVM_GET_API_VERSION", nm_KVM_GET_API_VERSION), ("KVM_CREATE_VM", nm_KVM_CREATE_VM),
    ("KVM_CHECK_EXTENSION", nm_KVM_CHECK_EXTENSION), ("KVM_GET_VCPU_MMAP_SIZE", nm_KVM_GET_VCPU_MMAP_SIZE),
    ("KVM_CREATE_VCPU", nm_KVM_CREATE_VCPU), ("KVM_SET_TSS_ADDR", nm_KVM_SET_TSS_ADDR),
    ("KVM_CREATE_IRQCHIP", nm_KVM_CREATE_IRQCHIP), ("KVM_GET_TSC_KHZ", nm_KVM_GET_TSC_KHZ),
    ("KVM_GET_STATS_FD", nm_KVM_GET_STATS_FD), ("KVM_RUN", nm_KVM_RUN),
  ]

  @Test(arguments: plain)
  func requestsWithANumberHaveNoSizeAndNoDirection(name: String, code: UInt) {
    #expect(code >> 16 == 0, "\(name)")
    #expect(code >> 8 == 0xae, "\(name) belongs to KVM")
  }

  /// From the kernel's documentation and `strace`'s tables, not from the header that the constants come from.
  @Test(
    arguments: [
      (nm_KVM_GET_API_VERSION, 0xae00), (nm_KVM_CREATE_VM, 0xae01), (nm_KVM_CREATE_VCPU, 0xae41), (nm_KVM_RUN, 0xae80),
      (nm_KVM_GET_STATS_FD, 0xaece), (nm_KVM_SET_USER_MEMORY_REGION, 0x4020_ae46), (nm_KVM_IRQFD, 0x4020_ae76),
      (nm_KVM_IOEVENTFD, 0x4040_ae79), (nm_KVM_SIGNAL_MSI, 0x4020_aea5), (nm_KVM_GET_REGS, 0x8090_ae81),
      (nm_KVM_SET_REGS, 0x4090_ae82), (nm_KVM_GET_SREGS, 0x8138_ae83), (nm_KVM_SET_SREGS, 0x4138_ae84),
      (nm_KVM_SET_CPUID2, 0x4008_ae90),
    ] as [(UInt, UInt)])
  func codesAreThoseOfTheKernel(code: UInt, expected: UInt) {
    #expect(code == expected)
  }
}
