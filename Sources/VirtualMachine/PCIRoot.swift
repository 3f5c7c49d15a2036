import Devices

/// PCI bus 0 of a machine, made when the first device asks for it. Used while the machine is assembled, by its owner alone.
final class PCIRoot {
  private let spaces: AddressSpaces
  private var made: PCIBus?
  private var nextMessage = MemoryMap.pinCount

  init(_ spaces: AddressSpaces) {
    self.spaces = spaces
  }

  /// The bus with its host bridge, on the configuration ports.
  func bus() throws(BusOverlap) -> PCIBus {
    if let made { return made }
    let bus = PCIBus(host: spaces)
    bus.attach(PCIChipset.hostBridge(), device: 0)
    try spaces.ports.attach(bus, name: "PCI configuration", at: PCIBus.ports)
    made = bus
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
