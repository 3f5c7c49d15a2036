import ProbeABI

/// A range of addresses behind which a machine has a device: what accesses are counted by.
public struct MachinePlace: Sendable {
  public enum Space: Sendable { case port, memory }

  public let name: String
  public let space: Space
  public let range: ClosedRange<UInt64>

  private init(_ name: String, _ space: Space, _ range: Range<UInt64>) {
    (self.name, self.space, self.range) = (name, space, range.lowerBound...range.upperBound - 1)
  }

  /// Every device's registers, KVM's own interrupt controllers included.
  public static let all: [MachinePlace] = [
    MachinePlace("interrupt controller", .port, 0x20..<0x22),
    MachinePlace("IDE command", .port, 0x1f0..<0x1f8),
    MachinePlace("IDE control", .port, 0x3f6..<0x3f7),
    MachinePlace("COM1", .port, MemoryMap.serial),
    MachinePlace("PCI configuration", .port, 0xcf8..<0xd00),
    MachinePlace("marker", .port, MemoryMap.marker),
    MachinePlace("echo", .port, MemoryMap.echo),
    MachinePlace("doorbells", .port, UInt64(NM_PORT_DOORBELL)..<UInt64(NM_PORT_DOORBELL_MATCH) + 4),
    MachinePlace("PCI devices", .port, MemoryMap.pciPorts),
    MachinePlace("test device", .memory, MemoryMap.testDevice),
    MachinePlace("virtio-mmio disk", .memory, MemoryMap.virtioMMIODisks),
    MachinePlace("virtio-mmio network", .memory, MemoryMap.virtioMMIONets),
    MachinePlace("PCI devices", .memory, MemoryMap.pciMemory),
    MachinePlace("IOAPIC", .memory, 0xfec0_0000..<0xfec0_1000),
    MachinePlace("local APIC", .memory, 0xfee0_0000..<0xfee0_1000),
  ]
}
