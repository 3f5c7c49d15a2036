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
  /// All that the loader writes but the module.
  static let loader = startInfo.rawValue..<commandLine.rawValue + UInt64(commandLineSize)
  /// RAM ends here for firmware tables that a PC has and this machine has not.
  static let lowHole: Range<UInt64> = 0xa0000..<0x100000

  // Devices, between 3 and 4 GiB.
  static let testDevice = UInt64(NM_TEST_DEVICE)..<UInt64(NM_TEST_DEVICE + NM_TEST_SIZE)
  /// The register pages of a virtio-mmio disk and of a virtio-mmio network interface.
  static let virtioMMIODisk: UInt64 = 0xd000_1000
  static let virtioMMIONet: UInt64 = 0xd000_2000
  /// Where PCI base addresses may point: between RAM and the interrupt controllers.
  static let deviceWindow: Range<UInt64> = 0xc000_0000..<0xfec0_0000
  /// What PCI regions get at boot.
  static let pciMemory: Range<UInt64> = 0xe000_0000..<0xe100_0000
  static let pciPorts: Range<UInt64> = 0xc000..<0xd000
  /// Four pages that VT-x without unrestricted guest needs.
  static let identityMap: UInt64 = 0xfffb_c000
  static let taskState: UInt64 = 0xfffb_d000

  // Ports.
  static let serial: Range<UInt64> = 0x3f8..<0x400
  static let debugExit = UInt64(NM_PORT_DEBUG_EXIT)..<UInt64(NM_PORT_DEBUG_EXIT) + 4
  static let keyboardReset: Range<UInt64> = 0x64..<0x65
  static let marker = UInt64(NM_PORT_MARKER)..<UInt64(NM_PORT_MARKER) + 4
  static let turn = UInt64(NM_PORT_TURN)..<UInt64(NM_PORT_TURN) + 4
  static let echo = UInt64(NM_PORT_ECHO)..<UInt64(NM_PORT_ECHO) + 4

  // Interrupts.
  static let testInterrupt: UInt32 = 5
  static let ideInterrupt: UInt32 = 14
  static let virtioDiskInterrupt: UInt32 = 16
  static let virtioNetInterrupt: UInt32 = 17
  static let e1000Interrupt: UInt32 = 18
  /// Pins of the IOAPIC; message-signalled interrupts have the numbers above.
  static let pinCount: UInt32 = 24
}
