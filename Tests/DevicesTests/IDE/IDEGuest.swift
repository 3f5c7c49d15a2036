import Devices
import GuestMemory
import Storage
import Testing

/// A guest at the level of registers: ports, guest memory, and the steps of an IDE driver.
final class IDEGuest: BARHost {
  static let busMasterBase: UInt64 = 0xc000

  let memory: GuestMemory
  let store: DiskStore
  let line = CountingLine()
  let controller: IDEController<DiskStoreEngine>
  private var ports = Bus()
  private var pci: PCIBus!

  /// A machine with a disk, its bus master enabled.
  init(sectors: UInt64 = 4096) throws {
    memory = try GuestMemory(size: 4 << 20)
    store = DiskStore(capacity: sectors * 512)
    controller = IDEController(engine: DiskStoreEngine(store: store), memory: memory, interrupt: line)
    pci = PCIBus(host: self)
    pci.attach(PCIChipset.hostBridge(), device: 0)
    pci.attach(PCIChipset.isaBridge(), device: 1)
    pci.attach(controller.function, device: 1, function: 1)
    try ports.attach(pci, name: "PCI", at: PCIBus.ports)
    try ports.attach(controller.commandBlock, name: "IDE", at: IDEController<DiskStoreEngine>.commandPorts)
    try ports.attach(controller.controlBlock, name: "IDE control", at: IDEController<DiskStoreEngine>.controlPorts)
    try pci.assignBaseAddresses(ports: Self.busMasterBase..<0xd000, memory: 0xe000_0000..<0xe010_0000)
    setBusMastering(true)
  }

  func attach(_ device: any BusDevice, name: String, space: PCISpace, at range: Range<UInt64>) -> Bool {
    space == .ports && (try? ports.attach(device, name: name, at: range)) != nil
  }

  func detach(_ device: any BusDevice, space: PCISpace) {
    ports.detach(device)
  }

  // MARK: Ports

  func input(_ port: UInt64, _ width: AccessWidth = .byte) -> UInt64 {
    guard let (device, offset) = ports.find(port) else { return width.mask }
    return device.read(offset, width: width) & width.mask
  }

  func output(_ port: UInt64, _ value: UInt64, _ width: AccessWidth = .byte) {
    guard let (device, offset) = ports.find(port) else { return }
    device.write(offset, width: width, value: value & width.mask)
  }

  /// `rep insw`.
  func inputWords(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard let (device, offset) = ports.find(0x1f0) else { return bytes }
    unsafe bytes.withUnsafeMutableBytes { unsafe device.readRepeated(offset, width: .word, into: $0) }
    return bytes
  }

  /// `rep outsw`.
  func outputWords(_ bytes: [UInt8]) {
    guard let (device, offset) = ports.find(0x1f0) else { return }
    unsafe bytes.withUnsafeBytes { unsafe device.writeRepeated(offset, width: .word, from: $0) }
  }

  func setBusMastering(_ on: Bool) {
    output(0xcf8, 0x8000_0904, .long)
    output(0xcfc, on ? 5 : 1, .word)
  }

  // MARK: Driver

  var status: UInt8 { UInt8(input(0x1f7)) }
  var alternateStatus: UInt8 { UInt8(input(0x3f6)) }
  var error: UInt8 { UInt8(input(0x1f1)) }
  var masterStatus: UInt8 { UInt8(input(Self.busMasterBase + 2)) }

  /// Writes parameters and a command. 48-bit parameters are written high-order first.
  func command(_ code: UInt8, sector: UInt64 = 0, count: Int = 0, extended: Bool = false, feature: UInt8 = 0) {
    func byte(_ shift: UInt64) -> UInt64 { sector >> shift & 0xff }
    if extended {
      output(0x1f6, 0x40)
      output(0x1f2, UInt64(count >> 8 & 0xff))
      output(0x1f3, byte(24))
      output(0x1f4, byte(32))
      output(0x1f5, byte(40))
    } else {
      output(0x1f6, 0x40 | sector >> 24 & 0x0f)
    }
    output(0x1f1, UInt64(feature))
    output(0x1f2, UInt64(count & 0xff))
    output(0x1f3, byte(0))
    output(0x1f4, byte(8))
    output(0x1f5, byte(16))
    output(0x1f7, UInt64(code))
  }

  /// Reads by port as long as the drive offers data, `block` sectors at a time.
  func readByPort(_ code: UInt8, sector: UInt64, count: Int, extended: Bool = false, block: Int = 1) -> [UInt8] {
    command(code, sector: sector, count: count, extended: extended)
    var bytes: [UInt8] = []
    while bytes.count < count * 512, status & 0x09 == 0x08 {
      bytes += inputWords(min(block * 512, count * 512 - bytes.count))
    }
    return bytes
  }

  /// Writes by port as long as the drive asks for data.
  func writeByPort(_ code: UInt8, sector: UInt64, _ bytes: [UInt8], extended: Bool = false, block: Int = 1) {
    command(code, sector: sector, count: bytes.count / 512, extended: extended)
    var done = 0
    while done < bytes.count, status & 0x09 == 0x08 {
      let count = min(block * 512, bytes.count - done)
      outputWords(Array(bytes[done..<done + count]))
      done += count
    }
  }

  /// Writes a descriptor table; the last entry is marked as the end unless told otherwise.
  func writeTable(at address: UInt64 = 0x1000, _ regions: [(address: UInt64, count: Int)], ends: Bool = true) throws {
    for (index, region) in regions.enumerated() {
      let last = ends && index == regions.count - 1
      let entry = region.address | UInt64(region.count & 0xffff) << 32 | (last ? 1 << 63 : 0)
      try memory.store(entry, at: GuestAddress(address + UInt64(index) * 8))
    }
    output(Self.busMasterBase + 4, address, .long)
  }

  /// Runs a DMA command over the table that was written. Returns the bus master's status.
  func runDMA(_ code: UInt8, sector: UInt64, count: Int, extended: Bool = false, reads: Bool) -> UInt8 {
    output(Self.busMasterBase, reads ? 8 : 0)
    output(Self.busMasterBase + 2, 0x66)
    command(code, sector: sector, count: count, extended: extended)
    output(Self.busMasterBase, reads ? 9 : 1)
    return masterStatus & 0x07
  }

  func stopDMA() { output(Self.busMasterBase, 0) }

  func bytes(at address: UInt64, count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try unsafe bytes.withUnsafeMutableBytes { try unsafe memory.read(GuestAddress(address), into: $0) }
    return bytes
  }

  func fill(_ bytes: [UInt8], at address: UInt64) throws {
    try memory.write(bytes, at: GuestAddress(address))
  }
}

/// Bytes that tell their place: any shift or mix-up shows.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = FuzzRandom(seed: seed)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}
