import Devices
import GuestMemory

/// Puts a network interface on a machine's buses.
struct NetAssembly {
  let virtio: VirtioAssembly
  let memory: GuestMemory

  func attach(_ configuration: NetConfiguration) throws(MachineError) -> any AttachedDevice {
    do {
      switch configuration.attachment {
      case .virtioMMIO(let mode):
        let (start, interrupt) = (MemoryMap.virtioMMIONet, MemoryMap.virtioNetInterrupt)
        let nic = try VirtioNIC(
          configuration.link, memory, mode, configuration.options,
          commandLine: VirtioAssembly.commandLine(at: start, interrupt: interrupt))
        try virtio.attachMMIO(nic.device, name: "virtio-mmio network interface", at: start, interrupt: interrupt)
        return nic
      case .virtioPCI(let mode):
        let nic = try VirtioNIC(configuration.link, memory, mode, configuration.options, commandLine: "")
        try virtio.attachPCI(nic.device, name: "virtio-pci network interface", classCode: 0x02_0000, slot: 3)
        return nic
      case .e1000:
        let line = try EventLine(virtio.machine, gsi: MemoryMap.e1000Interrupt)
        let device = try E1000(
          memory: memory, link: configuration.link, address: configuration.options.address, interrupt: line,
          line: UInt8(MemoryMap.e1000Interrupt))
        try virtio.root.bus().attach(device.function, device: 4)
        return E1000NIC(device)
      }
    } catch { throw MachineError(error) }
  }
}
