import Probe
import ProbeABI
import Testing

/// The probe's drivers against QEMU's devices, which were written by others. Every boot takes a CPU and a real KVM.
@Suite(
  "The probe's disk drivers under QEMU",
  .enabled(if: QEMU.isUsable, "needs qemu-system-x86_64 in PATH and a /dev/kvm that may be opened"), .serialized)
struct DriverTests {
  struct Variant: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let qemu: QEMU
    let facts: [String]

    init(_ description: String, _ qemu: QEMU, _ facts: String) {
      testDescription = description
      self.qemu = qemu
      self.facts = facts.split(separator: " ").map(String.init)
    }
  }

  static let memoryMapped = [
    Variant(
      "a split ring with event indices", .memoryMapped(),
      "device=virtio-mmio ring=split event_idx=1 indirect=0 interrupts=1 acknowledge=0 depth=256"),
    Variant(
      "a split ring with flags", .memoryMapped(",event_idx=off"), "ring=split event_idx=0 indirect=0 interrupts=1"),
    Variant(
      "a split ring with indirect descriptors", .memoryMapped("", "block_indirect=1"),
      "ring=split indirect=1 depth=256"),
    Variant(
      "a small split ring", .memoryMapped(",queue-size=128", "block_event_idx=0"),
      "ring=split event_idx=0 interrupts=1"),
    Variant(
      "a packed ring with event indices", .memoryMapped(",packed=on", "block_ring=packed"),
      "ring=packed event_idx=1"),
    Variant(
      "a packed ring with flags", .memoryMapped(",packed=on,event_idx=off", "block_ring=packed"),
      "ring=packed event_idx=0"),
    Variant(
      "a packed ring with indirect descriptors", .memoryMapped(",packed=on", "block_ring=packed block_indirect=1"),
      "ring=packed indirect=1"),
    Variant(
      "a packed ring that is not offered", .memoryMapped("", "block_ring=packed block_indirect=1"),
      "ring=split indirect=1"),
    Variant(
      "a line that has to be lowered", .memoryMapped(interrupts: "on"), "ring=split interrupts=1 acknowledge=1"),
  ]

  /// A request and its ring in lines of its own.
  static let single = [
    Variant("a ring for one request", .memoryMapped("", "block_queue=4"), "ring=split indirect=0 depth=1 interrupts=1"),
    Variant(
      "a packed ring for one request", .memoryMapped(",packed=on", "block_queue=4 block_ring=packed"),
      "ring=packed indirect=0 depth=1"),
    Variant(
      "a ring for one request with flags", .memoryMapped(",event_idx=off", "block_queue=4"),
      "ring=split event_idx=0 depth=1"),
    Variant(
      "a ring for four requests by indirect descriptors", .memoryMapped("", "block_queue=4 block_indirect=1"),
      "ring=split indirect=1 depth=4"),
  ]

  @Test(arguments: single)
  func requestsOneAtATimeMoveTheRightBytesWith(_ variant: Variant) throws {
    try DriverJobs.verify(variant.qemu, facts: variant.facts, depth: 1)
  }

  @Test(arguments: memoryMapped)
  func everyBlockWorkloadMovesTheRightBytesOverVirtioMmioWith(_ variant: Variant) throws {
    try DriverJobs.verify(variant.qemu, facts: variant.facts)
  }

  static let behindFirmware = [
    Variant(
      "virtio-pci on q35", .pci("q35"), "device=virtio-pci ring=split event_idx=1 interrupts=1 acknowledge=0"),
    Variant(
      "virtio-pci on pc, packed", .pci("pc", ",packed=on", "block=pci block_ring=packed block_indirect=1"),
      "device=virtio-pci ring=packed indirect=1 depth=256 interrupts=1"),
    Variant("IDE by programmed I/O", .ide("block=ide-pio"), "device=ide-pio"),
    Variant("IDE by bus master", .ide("block=auto"), "device=ide-dma"),
  ]

  @Test(arguments: behindFirmware)
  func everyBlockWorkloadMovesTheRightBytesBehindFirmwareWith(_ variant: Variant) throws {
    try DriverJobs.verify(variant.qemu, facts: variant.facts)
  }
}
