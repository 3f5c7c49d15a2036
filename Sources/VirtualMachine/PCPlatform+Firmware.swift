import ACPI
import Devices
import GuestMemory
import KVM
import LinuxSystem

/// What firmware needs of a PC besides what its kernels need, and what it is told.
extension PCPlatform {
  /// Names of files that firmware looks for (SeaBIOS, docs/Runtime_config.md).
  private enum File {
    static let memoryMap = "etc/e820"
    static let bootOrder = "bootorder"
    static let serialConsole = "etc/sercon-port"
    /// Milliseconds.
    static let bootMenuWait = "etc/boot-menu-wait"
    static let rootPointer = "etc/acpi/rsdp"
    static let tables = "etc/acpi/tables"
    static let loader = "etc/table-loader"
  }

  /// Puts on the buses what firmware uses, once all devices are wired. It assigns base addresses and places tables itself.
  func attach(
    _ firmware: FirmwareMemory, router: InterruptRouter, _ configuration: MachineConfiguration
  ) throws(MachineError) {
    let (machine, control) = (virtio.machine, control)
    let map = AttributeMap { segment, attributes in
      do throws(SystemError) { try firmware.show(segment, attributes, in: machine.handle) } catch {
        control.finish(.failed("the chipset's memory: \(error)"))
      }
    }
    do throws(BusOverlap) {
      try virtio.root.bus().function(device: 0)?.overlay(map, at: AttributeMap.registers)
      try virtio.root.chipset().function(device: 1)?.overlay(router, at: InterruptRouter.registers)
      try virtio.spaces.ports.attach(
        SystemControlPort { control.finish(.reset) }, name: "system control", at: MemoryMap.systemControl)
      try virtio.spaces.ports.attach(
        FirmwareConfiguration(items(configuration), memory: memory), name: "firmware configuration",
        at: FirmwareConfiguration.ports)
    } catch { throw .overlap(error) }
  }

  private func items(_ configuration: MachineConfiguration) -> FirmwareItems {
    let processors = configuration.vcpuCPUs.count
    var items = FirmwareItems()
    items.set(FirmwareItems.Selector.processors, to: UInt16(clamping: processors))
    items.set(FirmwareItems.Selector.processorLimit, to: UInt16(clamping: processors))
    if let seconds = configuration.bootMenuSeconds {
      items.set(FirmwareItems.Selector.bootMenu, to: 1)
      items.add(File.bootMenuWait, UInt64(clamping: seconds * 1000).littleEndianBytes)
    }
    items.add(File.memoryMap, Self.memoryMap(of: memory))
    items.add(File.bootOrder, Array(virtio.wiring.bootPaths.joined(separator: "\n").utf8) + [0])
    items.add(File.serialConsole, MemoryMap.serial.lowerBound.littleEndianBytes)
    // One file serves all interfaces of its kind.
    let roms = Dictionary(
      configuration.nets.compactMap(\.optionROM).map { ($0.fileName, $0.bytes) },
      uniquingKeysWith: { first, _ in first })
    for (name, bytes) in roms.sorted(by: { $0.key < $1.key }) { items.add(name, bytes) }
    // Whatever firmware gives to PCI lies in the window that the tables name.
    let tables = RelocatableTables(
      description(processors: processors, pciMemory: MemoryMap.pciMemory.lowerBound..<MemoryMap.deviceWindow.upperBound)
    )
    items.add(File.rootPointer, tables.root)
    items.add(File.tables, tables.tables)
    items.add(File.loader, Self.loader(tables).bytes)
    return items
  }

  /// RAM, and what is not to be used: start and bytes, 64 bits each, and what it is, 32 bits.
  static func memoryMap(of memory: GuestMemory) -> [UInt8] {
    let ram = memory.regions.map { region in
      MemoryRange(region.start.rawValue..<region.start.rawValue + region.count, .ram)
    }
    return (ram + [MemoryRange(MemoryMap.processorPages, .reserved)]).flatMap { range in
      range.start.littleEndianBytes + range.count.littleEndianBytes + range.kind.rawValue.littleEndianBytes
    }
  }

  static func loader(_ tables: RelocatableTables) -> TableLoader {
    var loader = TableLoader()
    loader.allocate(File.rootPointer, alignment: 16, .searched)
    loader.allocate(File.tables, alignment: RelocatableTables.alignment, .high)
    for address in tables.addresses { loader.addPointer(to: File.tables, in: File.tables, at: address) }
    for checksum in tables.checksums { loader.addChecksum(in: File.tables, checksum) }
    for address in tables.rootAddresses { loader.addPointer(to: File.tables, in: File.rootPointer, at: address) }
    for checksum in tables.rootChecksums { loader.addChecksum(in: File.rootPointer, checksum) }
    return loader
  }
}
