/// The DSDT of a machine: PCI bus 0 with the routing of its interrupts, what stands behind the ISA bridge, virtio-mmio devices, and
/// the sleep type that turns the machine off (ACPI 6.4 §5.2.11.1).
struct DifferentiatedTable {
  let platform: PlatformDescription

  var bytes: [UInt8] {
    let body = [
      AML.scope("\\_SB", [hostBridge] + platform.registerPages.enumerated().map(virtio)),
      .name("\\_S5", .package([PowerPorts.offType, PowerPorts.offType, 0, 0].map { .integer(UInt64($0)) })),
    ]
    return Table("DSDT", revision: 2, body: body.flatMap(\.bytes)).bytes
  }

  /// Configuration mechanism 1 belongs to the bridge itself; all other ports, and a window of memory, are its bus's.
  private var hostBridge: AML {
    var resources = ResourceTemplate()
    resources.addBuses(0...0)
    resources.addPorts(0xcf8..<0xd00)
    resources.addPortWindow(0...0xcf7)
    resources.addPortWindow(0xd00...0xffff)
    resources.addMemoryWindow(platform.pciMemory)
    let wires = platform.interruptWires.map { wire in
      // Every function of the device, INTA#, wired firmly (§6.2.13).
      AML.package([
        .integer(UInt64(wire.device) << 16 | 0xffff), .integer(0), .integer(0), .integer(UInt64(wire.interrupt)),
      ])
    }
    return .device(
      "PCI0",
      [
        .name("_HID", .eisa("PNP0A03")), .name("_UID", .integer(0)), .name("_CRS", resources.value),
        .name("_PRT", .package(wires)), isaBridge,
      ])
  }

  /// Device 1, function 0 on PCI.
  private var isaBridge: AML {
    let serial = platform.serialPorts.enumerated().map { index, port in
      isa(
        "COM\(index + 1)", "PNP0501", unique: index + 1, ports: [port.start..<port.start + 8], interrupt: port.interrupt
      )
    }
    let power = platform.powerPorts..<platform.powerPorts + PowerPorts.count
    return .device(
      "ISA",
      [
        .name("_ADR", .integer(0x1_0000)),
        isa("RTC", "PNP0B00", ports: [0x70..<0x72], interrupt: 8),
        isa("TIMR", "PNP0100", ports: [0x40..<0x44], interrupt: 0),
        isa("KBD", "PNP0303", ports: [0x60..<0x61, 0x64..<0x65], interrupt: 1),
        isa("PWR", "PNP0C02", ports: [power], interrupt: nil),
      ] + serial)
  }

  private func isa(
    _ name: String, _ identifier: String, unique: Int = 0, ports: [Range<UInt16>], interrupt: Int?
  ) -> AML {
    var resources = ResourceTemplate()
    for range in ports { resources.addPorts(range) }
    if let interrupt { resources.addISAInterrupt(interrupt) }
    return .device(
      name,
      [.name("_HID", .eisa(identifier)), .name("_UID", .integer(UInt64(unique))), .name("_CRS", resources.value)])
  }

  /// The identifier that virtio-mmio has in Linux, QEMU and others.
  private func virtio(_ index: Int, _ page: PlatformDescription.RegisterPage) -> AML {
    precondition(index < 256, "two digits of a name")
    var resources = ResourceTemplate()
    resources.addMemory(page.start, size: page.size)
    resources.addEdgeInterrupt(page.interrupt)
    let digits = String(index, radix: 16, uppercase: true)
    return .device(
      "VR" + String(repeating: "0", count: 2 - digits.count) + digits,
      [
        .name("_HID", .string("LNRO0005")), .name("_UID", .integer(UInt64(index))), .name("_CRS", resources.value),
      ])
  }
}
