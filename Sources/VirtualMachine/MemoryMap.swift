import Devices
import GuestMemory
import KVM
import ProbeABI

/// Every address of a NearMetal machine.
public enum MemoryMap {
  // Low memory, below the loader's use of it by any guest.
  static let startInfo = GuestAddress(0x6000)
  static let moduleList = GuestAddress(0x6080)
  static let memoryTable = GuestAddress(0x6100)
  static let commandLine = GuestAddress(0x7000)
  static let commandLineSize = 0x800
  /// What only a bzImage is given.
  static let bootParameters = GuestAddress(0x8000)
  static let segments = GuestAddress(0x9000)
  static let pageTables = GuestAddress(0xa000)
  /// All that the loader writes but the module.
  static let loader = startInfo.rawValue..<commandLine.rawValue + UInt64(commandLineSize)
  /// RAM ends here for a display and firmware.
  static let lowHole: Range<UInt64> = 0xa0000..<0x100000
  /// Of it, where an operating system looks for tables.
  static let firmwareTables: Range<UInt64> = 0xe0000..<0x100000

  // Devices, between 3 and 4 GiB.
  static let testDevice = UInt64(NM_TEST_DEVICE)..<UInt64(NM_TEST_DEVICE + NM_TEST_SIZE)
  /// The register pages of virtio-mmio disks and of virtio-mmio network interfaces.
  static let virtioMMIODisks: Range<UInt64> = 0xd001_0000..<0xd002_0000
  static let virtioMMIONets: Range<UInt64> = 0xd002_0000..<0xd003_0000
  /// Where PCI base addresses may point: between RAM and the interrupt controllers.
  static let deviceWindow: Range<UInt64> = 0xc000_0000..<0xfec0_0000
  /// What PCI regions get at boot.
  static let pciMemory: Range<UInt64> = 0xe000_0000..<0xe100_0000
  static let pciPorts: Range<UInt64> = 0xc000..<0xd000
  /// Memory of the test devices, behind which stands no RAM.
  static let scratchMemory: Range<UInt64> = 0xff00_0000..<0xff01_0000
  /// Four pages that VT-x without unrestricted guest needs, below the largest firmware.
  static let identityMap: UInt64 = 0xfeff_c000
  static let taskState: UInt64 = 0xfeff_d000
  static let processorPages: Range<UInt64> = identityMap..<0xff00_0000
  /// A firmware's image ends here.
  static let firmwareEnd: UInt64 = 1 << 32
  /// Where what is behind a PC's chipset shows the end of that image as well.
  static let firmwareShadow: Range<UInt64> = 0xe0000..<0x100000

  // Ports.
  static let serial: Range<UInt64> = 0x3f8..<0x400
  static let debugExit = UInt64(NM_PORT_DEBUG_EXIT)..<UInt64(NM_PORT_DEBUG_EXIT) + 4
  static let keyboardData: Range<UInt64> = 0x60..<0x61
  static let keyboardCommand: Range<UInt64> = 0x64..<0x65
  static let realTimeClock: Range<UInt64> = 0x70..<0x72
  static let systemControl: Range<UInt64> = 0x92..<0x93
  static let power: Range<UInt64> = 0x600..<0x610
  // What QEMU's pc-testdev has, at the same places (hw/misc/pc-testdev.c).
  static let scratch: Range<UInt64> = 0xe0..<0xe4
  static let pageFlush: Range<UInt64> = 0xe4..<0xe8
  static let scratchBytes: Range<UInt64> = 0xe8..<0xec
  static let interruptLines: Range<UInt64> = 0x2000..<0x2000 + UInt64(pinCount)
  static let marker = UInt64(NM_PORT_MARKER)..<UInt64(NM_PORT_MARKER) + 4
  static let turn = UInt64(NM_PORT_TURN)..<UInt64(NM_PORT_TURN) + 4
  static let outbox = UInt64(NM_PORT_OUTBOX)..<UInt64(NM_PORT_OUTBOX) + 4
  static let echo = UInt64(NM_PORT_ECHO)..<UInt64(NM_PORT_ECHO) + 4

  // Interrupts.
  static let keyboardInterrupt: UInt32 = 1
  static let serialInterrupt: UInt32 = 4
  static let testInterrupt: UInt32 = 5
  static let powerInterrupt: UInt32 = 9
  static let ideInterrupt: UInt32 = 14
  /// First vectors of the two PICs, as a PC's BIOS sets them.
  static let interruptVectors: (first: UInt8, second: UInt8) = (0x08, 0x70)
  /// What devices that take a whole pin of the IOAPIC are given, one after the other.
  static let devicePins: Range<UInt32> = 16..<pinCount
  /// PCI devices from here on bus 0; those before are the chipset's.
  static let deviceSlots = 2..<32
  /// Pins of the IOAPIC; message-signalled interrupts have the numbers above.
  static let pinCount: UInt32 = 24
}

extension MemoryMap {
  /// The memory map that a guest is given.
  /// - Parameter hasTables: whether there are tables in the place for them, which is not to be used then.
  static func ranges(of memory: GuestMemory, hasTables: Bool) -> [MemoryRange] {
    var map = [MemoryRange(0..<min(memory.lowSize, lowHole.lowerBound), .ram)]
    if hasTables { map.append(MemoryRange(firmwareTables, .reserved)) }
    if memory.lowSize > lowHole.upperBound { map.append(MemoryRange(lowHole.upperBound..<memory.lowSize, .ram)) }
    if memory.size > memory.lowSize {
      map.append(MemoryRange(GuestWindow.highBase..<GuestWindow.highBase + memory.size - memory.lowSize, .ram))
    }
    return map
  }
}
