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
      }
    } catch { throw MachineError(error) }
  }
}
