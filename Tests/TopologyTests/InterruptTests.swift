import Testing

@testable import Topology

@Suite struct InterruptTests {
  private let table = """
               CPU0       CPU2
      9:          7          0   IO-APIC    9-fasteoi   acpi
     40:          1          3   IO-APIC   40-edge      virtio1
     41:          2          2   PCI-MSIX-0000:5e:00.0  0-edge      nvme3q0
    NMI:          1          1   Non-maskable interrupts
    """

  private func fact(_ id: String, _ change: (inout RecordedHost) -> Void) throws -> String? {
    var host = RecordedHost(files: ["/proc/interrupts": table])
    change(&host)
    return try host.read { HostInventory.collect(files: $0) }[id]?.text
  }

  @Test func countsBelongToTheCPUsThatTheHeaderNames() throws {
    let host = RecordedHost(files: ["/proc/interrupts": table])
    let rows = try host.read { try InterruptTable(files: $0).rows }
    #expect(rows.map(\.number) == [9, 40, 41])
    #expect(rows[1].counts == [0: 1, 2: 3])
    #expect(rows[1].description == "IO-APIC 40-edge virtio1")
  }

  @Test func findsTheInterruptOfADiskOnAMemoryMappedBusByItsName() throws {
    let text = try fact("interrupts.vda") {
      $0.links["/sys/class/block/vda"] = "../../devices/platform/virtio-mmio.0/virtio1/block/vda"
      $0.files["/sys/devices/platform/virtio-mmio.0/virtio1/block/vda/device/vendor"] = "0x1af4\n"
    }
    #expect(text == "1 interrupt, taken by CPU 2 (75 %), CPU 0 (25 %)")
  }

  @Test func followsADiskWithSeveralPathsToItsController() throws {
    let text = try fact("interrupts.nvme0n1") {
      $0.links["/sys/class/block/nvme0n1"] = "../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1"
      $0.files["/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/device/x"] = ""
      $0.links["/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme3"] = "../../../pci0000:5d/0000:5e:00.0/nvme/nvme3"
      $0.files["/sys/devices/pci0000:5d/0000:5e:00.0/msi_irqs/41"] = "msix\n"
      $0.files["/proc/irq/41/smp_affinity_list"] = "0,2\n"
    }
    #expect(text == "1 interrupt, taken by CPU 0 (50 %), CPU 2 (50 %); allowed on CPUs 0,2")
  }

  @Test func usesTheLineOfADeviceWithoutMessages() throws {
    let text = try fact("interrupts.sda") {
      $0.links["/sys/class/block/sda"] = "../../devices/pci0000:00/0000:00:1f.2/ata1/block/sda"
      $0.files["/sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/device/model"] = "DISK\n"
      $0.files["/sys/devices/pci0000:00/0000:00:1f.2/irq"] = "9\n"
    }
    #expect(text?.hasPrefix("1 interrupt, taken by CPU 0 (100 %)") == true)
  }

  @Test func saysSoWhenNoInterruptIsFound() throws {
    let text = try fact("interrupts.sdb") {
      $0.links["/sys/class/block/sdb"] = "../../devices/platform/odd/block/sdb"
      $0.files["/sys/devices/platform/odd/block/sdb/device/model"] = "DISK\n"
    }
    #expect(text == "unavailable: no device above /sys/class/block/sdb lists its interrupts")
  }
}
