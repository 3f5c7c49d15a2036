/// The FADT: where power management's registers are, and what of a PC the machine has (ACPI 6.4 §5.2.9, revision 6.0).
struct FixedTable {
  let platform: PlatformDescription
  let facs: UInt32
  let dsdt: UInt32

  /// Of the flags: `wbinvd` works, C1 on all processors, no buttons, a timer of 32 bits, the reset register is there.
  private static let flags: UInt32 = 1 << 0 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 10
  /// ISA devices and an 8042; no VGA.
  private static let bootArchitecture: UInt16 = 1 << 0 | 1 << 1 | 1 << 2

  var bytes: [UInt8] { Table("FACP", revision: 6, body: body).bytes }

  private var body: [UInt8] {
    let event = platform.powerPorts + PowerPorts.event
    let control = platform.powerPorts + PowerPorts.control
    let timer = platform.powerPorts + PowerPorts.timer
    var body = littleEndian(facs) + littleEndian(dsdt)
    body += [0, 4] + littleEndian(UInt16(platform.powerInterrupt))  // an enterprise server
    body += littleEndian(UInt32(0)) + [0, 0, 0, 0]  // no SMI command: ACPI is always on
    for block in [event, 0, control, 0, 0, timer, 0, 0] { body += littleEndian(UInt32(block)) }
    body += [4, 2, 0, 4, 0, 0, 0, 0]  // the lengths of these blocks
    body += littleEndian(UInt16(101)) + littleEndian(UInt16(1001))  // no C2, no C3
    body += [UInt8](repeating: 0, count: 8)  // no flush size and stride, no duty cycle, no alarms of days and months
    body += [0x32] + littleEndian(Self.bootArchitecture) + [0] + littleEndian(Self.flags)  // 0x32: the century
    body += GenericAddress(port: 0xcf9, size: 1).bytes + [0x06]  // the reset register, and what resets
    body += [0, 0, 0]
    body += littleEndian(UInt64(0)) + littleEndian(UInt64(dsdt))
    body += GenericAddress(port: event, size: 4).bytes + GenericAddress.none
    body += GenericAddress(port: control, size: 2).bytes + GenericAddress.none + GenericAddress.none
    body += GenericAddress(port: timer, size: 4).bytes
    body += GenericAddress.none + GenericAddress.none  // general-purpose events
    body += GenericAddress.none + GenericAddress.none  // sleep registers of machines without the above
    return body + littleEndian(UInt64(0))
  }
}

/// The MADT: processors, the IOAPIC, and how the interrupts of ISA reach it (ACPI 6.4 §5.2.12).
struct InterruptTable {
  let platform: PlatformDescription

  var bytes: [UInt8] {
    var body = littleEndian(platform.localAPIC) + littleEndian(UInt32(1))  // the two 8259 are there
    for index in 0..<platform.processors { body += [0, 8, UInt8(index), UInt8(index)] + littleEndian(UInt32(1)) }
    body += [1, 12, 0, 0] + littleEndian(platform.ioAPIC) + littleEndian(UInt32(0))
    // Power management's interrupt is a level, active high; all others of ISA are what ISA has them be.
    body += [2, 10, 0, platform.powerInterrupt] + littleEndian(UInt32(platform.powerInterrupt)) + [0x0d, 0]
    body += [4, 6, 0xff, 0, 0, 1]  // NMI at LINT1 of every processor
    return Table("APIC", revision: 5, body: body).bytes
  }
}

/// The FACS, through which an operating system and firmware share a lock that this machine never takes (ACPI 6.4 §5.2.10).
enum SharedTable {
  static let bytes =
    Array("FACS".utf8) + littleEndian(UInt32(64)) + [UInt8](repeating: 0, count: 24) + [2]
    + [UInt8](repeating: 0, count: 31)
}
