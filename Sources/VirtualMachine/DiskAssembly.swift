import Devices
import GuestMemory
import KVM
import LinuxSystem
import Storage

/// Puts a disk on a machine's buses.
struct DiskAssembly {
  let machine: SharedVirtualMachine
  let spaces: AddressSpaces
  let memory: GuestMemory

  /// Opens the backing and wires the device up.
  func attach(_ configuration: DiskConfiguration) throws(MachineError) -> any AttachedDisk {
    do {
      var backing = try configuration.backing.open(readOnly: configuration.isReadOnly)
      backing.delay = configuration.delay
      switch configuration.attachment {
      case .virtioMMIO(let mode):
        let line =
          "virtio_mmio.device=\(VirtioMMIO.size)@0x\(String(MemoryMap.virtioMMIO, radix: 16)):\(MemoryMap.virtioInterrupt)"
        let disk = try VirtioDisk(backing, memory, mode, configuration.options, commandLine: line)
        return try attachMMIO(disk)
      case .virtioPCI(let mode):
        let disk = try VirtioDisk(backing, memory, mode, configuration.options, commandLine: "")
        return try attachPCI(disk, queues: configuration.options.queues)
      case .ide:
        let interrupt = try EventLine(machine, gsi: MemoryMap.ideInterrupt)
        return try attachIDE(IDEDisk(backing, memory, interrupt: interrupt))
      }
    } catch { throw MachineError(error) }
  }

  private func attachMMIO(_ disk: VirtioDisk) throws(MachineError) -> any AttachedDisk {
    do {
      let transport = VirtioMMIO(disk.device, line: try EventLine(machine, gsi: MemoryMap.virtioInterrupt))
      let start = MemoryMap.virtioMMIO
      try spaces.memory.attach(transport, name: "virtio-mmio disk", at: start..<start + VirtioMMIO.size)
      for doorbell in transport.doorbells {
        try machine.handle.attach(eventDescriptor: doorbell.event, to: doorbell.place(in: .memory, at: start))
      }
      return disk
    } catch { throw MachineError(error) }
  }

  private func attachPCI(_ disk: VirtioDisk, queues: Int) throws(MachineError) -> any AttachedDisk {
    do {
      let messages = try EventMessages(machine, first: MemoryMap.pinCount, count: queues + 1)
      let transport = try VirtioPCI(disk.device, name: "virtio-pci disk", classCode: 0x01_0000, messages: messages)
      let doorbells = MovingDoorbells(machine, transport.doorbells)
      transport.function.regionMoved = { index, range in if index == 0 { doorbells.move(to: range?.lowerBound) } }
      let bus = try makeBus()
      bus.attach(transport.function, device: 2)
      try bus.assignBaseAddresses(ports: MemoryMap.pciPorts, memory: MemoryMap.pciMemory)
      return disk
    } catch { throw MachineError(error) }
  }

  private func attachIDE(_ disk: IDEDisk) throws(MachineError) -> any AttachedDisk {
    do {
      let controller = disk.controller
      try spaces.ports.attach(
        controller.commandBlock, name: "IDE command", at: IDEController<Backing>.commandPorts)
      try spaces.ports.attach(
        controller.controlBlock, name: "IDE control", at: IDEController<Backing>.controlPorts)
      let bus = try makeBus()
      bus.attach(PCIChipset.isaBridge(), device: 1)
      bus.attach(controller.function, device: 1, function: 1)
      try bus.assignBaseAddresses(ports: MemoryMap.pciPorts, memory: MemoryMap.pciMemory)
      return disk
    } catch { throw MachineError(error) }
  }

  /// PCI bus 0 with its host bridge, on the configuration ports.
  private func makeBus() throws(BusOverlap) -> PCIBus {
    let bus = PCIBus(host: spaces)
    bus.attach(PCIChipset.hostBridge(), device: 0)
    try spaces.ports.attach(bus, name: "PCI configuration", at: PCIBus.ports)
    return bus
  }
}

extension VirtioDoorbell {
  /// The doorbell of a transport whose range starts at `start`.
  func place(in space: Doorbell.Space, at start: UInt64) -> Doorbell {
    Doorbell(space, start + offset, width: width.map { UInt32($0.rawValue) } ?? 0, match: value)
  }
}

/// Doorbells in a PCI region: they follow it when the guest moves it. Called under the device lock.
final class MovingDoorbells {
  private let machine: SharedVirtualMachine
  private let doorbells: [VirtioDoorbell]
  private var start: UInt64?

  init(_ machine: SharedVirtualMachine, _ doorbells: [VirtioDoorbell]) {
    self.machine = machine
    self.doorbells = doorbells
  }

  /// The region's new first address; nil while it is not decoded. A doorbell that KVM refuses arrives as a register write.
  func move(to next: UInt64?) {
    for doorbell in doorbells {
      if let start {
        try? machine.handle.detach(eventDescriptor: doorbell.event, from: doorbell.place(in: .memory, at: start))
      }
      if let next {
        try? machine.handle.attach(eventDescriptor: doorbell.event, to: doorbell.place(in: .memory, at: next))
      }
    }
    start = next
  }
}
