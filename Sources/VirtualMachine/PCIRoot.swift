import Devices

/// PCI bus 0 of a machine, made when the first device asks for it. Used while the machine is assembled, by its owner alone.
final class PCIRoot {
  private let spaces: AddressSpaces
  private let resetRequested: () -> Void
  private var made: PCIBus?
  private var nextMessage = MemoryMap.pinCount

  /// - Parameter resetRequested: called when the guest resets the machine by port 0xCF9.
  init(_ spaces: AddressSpaces, resetRequested: @escaping () -> Void) {
    self.spaces = spaces
    self.resetRequested = resetRequested
  }

  /// The bus with its host bridge, on the configuration ports.
  func bus() throws(BusOverlap) -> PCIBus {
    if let made { return made }
    let bus = PCIBus(host: spaces)
    bus.resetRequested = resetRequested
    bus.attach(PCIChipset.hostBridge(), device: 0)
    try spaces.ports.attach(bus, name: "PCI configuration", at: PCIBus.ports)
    made = bus
    return bus
  }

  /// The bus with its ISA bridge, of which the chipset's other functions are parts.
  func chipset() throws(BusOverlap) -> PCIBus {
    let bus = try bus()
    if bus.function(device: 1) == nil { bus.attach(PCIChipset.isaBridge(), device: 1) }
    return bus
  }

  /// Takes interrupt numbers for messages, from the first one returned on.
  func takeMessages(_ count: Int) -> UInt32 {
    defer { nextMessage += UInt32(count) }
    return nextMessage
  }

  /// Gives every region of every function its place, once all are attached.
  func finish() throws(PCISpaceExhausted) {
    try made?.assignBaseAddresses(ports: MemoryMap.pciPorts, memory: MemoryMap.pciMemory)
  }
}
