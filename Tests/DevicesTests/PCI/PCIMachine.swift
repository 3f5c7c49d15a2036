import Devices

/// A machine's buses without a processor: what a guest sees of ports and memory-mapped I/O.
final class PCIMachine: BARHost {
  private var ports = Bus()
  private var memory = Bus()
  /// Guest RAM ends here; no region may stand below it.
  let ramEnd: UInt64 = 0x0800_0000
  private(set) var pci: PCIBus!

  init() {
    pci = PCIBus(host: self)
    try! ports.attach(pci, name: "PCI", at: PCIBus.ports)
  }

  func attach(_ device: any BusDevice, name: String, space: PCISpace, at range: Range<UInt64>) -> Bool {
    switch space {
    case .ports: return (try? ports.attach(device, name: name, at: range)) != nil
    case .memory: return range.lowerBound >= ramEnd && (try? memory.attach(device, name: name, at: range)) != nil
    }
  }

  func detach(_ device: any BusDevice, space: PCISpace) {
    switch space {
    case .ports: ports.detach(device)
    case .memory: memory.detach(device)
    }
  }

  func input(_ port: UInt64, _ width: AccessWidth) -> UInt64 {
    guard let (device, offset) = ports.find(port) else { return width.mask }
    return device.read(offset, width: width) & width.mask
  }

  func output(_ port: UInt64, _ width: AccessWidth, _ value: UInt64) {
    guard let (device, offset) = ports.find(port) else { return }
    device.write(offset, width: width, value: value & width.mask)
  }

  func load(_ address: UInt64, _ width: AccessWidth) -> UInt64 {
    guard let (device, offset) = memory.find(address) else { return width.mask }
    return device.read(offset, width: width) & width.mask
  }

  func store(_ address: UInt64, _ width: AccessWidth, _ value: UInt64) {
    guard let (device, offset) = memory.find(address) else { return }
    device.write(offset, width: width, value: value & width.mask)
  }

  /// Configuration mechanism 1, as a guest's code does it.
  func configuration(_ device: Int, function: Int = 0, _ register: Int, _ width: AccessWidth = .long) -> UInt32 {
    output(0xcf8, .long, 0x8000_0000 | UInt64(device << 11 | function << 8 | register & 0xfc))
    return UInt32(truncatingIfNeeded: input(0xcfc + UInt64(register & 3), width))
  }

  func setConfiguration(
    _ device: Int, function: Int = 0, _ register: Int, _ width: AccessWidth = .long, _ value: UInt32
  ) {
    output(0xcf8, .long, 0x8000_0000 | UInt64(device << 11 | function << 8 | register & 0xfc))
    output(0xcfc + UInt64(register & 3), width, UInt64(value))
  }
}

/// A region that remembers what was written where.
final class ScratchRegion: BusDevice {
  private(set) var values: [UInt64: UInt64] = [:]

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { values[offset] ?? 0x5a }
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) { values[offset] = value }
}
