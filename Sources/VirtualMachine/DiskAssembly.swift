import Devices
import GuestMemory
import LinuxSystem
import Storage

/// Puts disks on a machine's buses.
struct DiskAssembly {
  let virtio: VirtioAssembly
  let memory: GuestMemory

  /// Opens the backing and wires the device up.
  func attach(_ configuration: DiskConfiguration) throws(MachineError) -> any AttachedDevice {
    do {
      switch configuration.attachment {
      case .virtioMMIO(let mode):
        let (start, interrupt) = try virtio.wiring.takeRegisterPage(isDisk: true)
        let disk = try VirtioDisk(
          try backing(configuration), configuration, memory, mode,
          commandLine: VirtioAssembly.commandLine(at: start, interrupt: interrupt))
        try virtio.attachMMIO(disk.device, name: "virtio-mmio disk", at: start, interrupt: interrupt)
        virtio.wiring.addBootPath("/virtio-mmio@\(hexadecimal(start, digits: 16))/disk@0,0")
        return disk
      case .virtioPCI(let mode):
        let disk = try VirtioDisk(try backing(configuration), configuration, memory, mode, commandLine: "")
        try attachPCI(disk.device)
        return disk
      case .ide:
        var backing = try backing(configuration).open(readOnly: configuration.isReadOnly)
        backing.delay = configuration.delay
        let interrupt = try EventLine(virtio.machine, gsi: MemoryMap.ideInterrupt)
        return try attachIDE(IDEDisk(backing, memory, interrupt: interrupt))
      case .vhostUser:
        guard let backend = configuration.backend else {
          throw MachineError.other("a vhost-user disk needs a back end")
        }
        let device = try VhostUserBlock(memory: memory, backend: backend, options: configuration.options)
        try attachPCI(device)
        return VhostUserDisk(device)
      }
    } catch { throw MachineError(error) }
  }

  private func backing(_ configuration: DiskConfiguration) throws(MachineError) -> BackingSpecification {
    guard let backing = configuration.backing else { throw .other("a disk without vhost-user needs a backing") }
    return backing
  }

  private func attachPCI(_ device: any VirtioDevice) throws(MachineError) {
    let slot = try virtio.attachPCI(device, name: "virtio-pci disk", classCode: 0x01_0000)
    virtio.wiring.addBootPath("/pci@i0cf8/scsi@\(hexadecimal(slot))/disk@0,0")
  }

  private func attachIDE(_ disk: IDEDisk) throws(MachineError) -> any AttachedDevice {
    do throws(BusOverlap) {
      let controller = disk.controller
      try virtio.spaces.ports.attach(
        controller.commandBlock, name: "IDE command", at: IDEController<Backing>.commandPorts)
      try virtio.spaces.ports.attach(
        controller.controlBlock, name: "IDE control", at: IDEController<Backing>.controlPorts)
      try virtio.root.chipset().attach(controller.function, device: 1, function: 1)
      virtio.wiring.addBootPath("/pci@i0cf8/ide@1,1/drive@0/disk@0")
      return disk
    } catch {
      // Its ports are where a PC has them, so that there are no others.
      throw .other("a machine has one IDE disk; give the others to virtio")
    }
  }

  private func hexadecimal(_ number: some BinaryInteger, digits: Int = 1) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
