import ACPI
import Devices

/// Hands out what a machine has of places for devices, and keeps what it handed out for the tables that tell an operating system.
/// Used while the machine is assembled, by its owner alone.
final class Wiring {
  private(set) var registerPages: [PlatformDescription.RegisterPage] = []
  private(set) var interruptWires: [PlatformDescription.InterruptWire] = []
  /// What firmware calls the disks, in their order (SeaBIOS, docs/Runtime_config.md, "bootorder").
  private(set) var bootPaths: [String] = []
  private var pins = MemoryMap.devicePins
  private var slots = MemoryMap.deviceSlots
  private var diskPages = MemoryMap.virtioMMIODisks
  private var netPages = MemoryMap.virtioMMIONets

  /// A page of registers and a pin for a virtio-mmio device.
  /// - Parameter isDisk: else a network interface.
  func takeRegisterPage(isDisk: Bool) throws(MachineError) -> (start: UInt64, interrupt: UInt32) {
    let interrupt = try takePin()
    let start = isDisk ? diskPages.lowerBound : netPages.lowerBound
    let size = VirtioMMIO.size
    if isDisk {
      diskPages = start + size..<diskPages.upperBound
    } else {
      netPages = start + size..<netPages.upperBound
    }
    registerPages.append(.init(start: UInt32(start), size: UInt32(size), interrupt: interrupt))
    return (start, interrupt)
  }

  /// A device number on PCI bus 0.
  func takeSlot() throws(MachineError) -> Int {
    guard let slot = slots.first else { throw .other("a machine has room for 30 PCI devices") }
    slots = slot + 1..<slots.upperBound
    return slot
  }

  /// A device number on PCI bus 0, with INTA# wired to a pin.
  func takeWiredSlot() throws(MachineError) -> (slot: Int, interrupt: UInt32) {
    let (slot, interrupt) = (try takeSlot(), try takePin())
    interruptWires.append(.init(device: slot, interrupt: interrupt))
    return (slot, interrupt)
  }

  /// The next disk in the order in which they were given.
  func addBootPath(_ path: String) { bootPaths.append(path) }

  private func takePin() throws(MachineError) -> UInt32 {
    guard let pin = pins.first else {
      throw .other(
        "a machine has interrupt pins for \(MemoryMap.devicePins.count) virtio-mmio and e1000 devices; use virtio-pci")
    }
    pins = pin + 1..<pins.upperBound
    return pin
  }
}
