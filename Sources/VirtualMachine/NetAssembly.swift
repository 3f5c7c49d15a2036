import Devices
import Frames
import GuestMemory
import LinuxSystem

/// Puts network interfaces on a machine's buses.
struct NetAssembly {
  let virtio: VirtioAssembly
  let memory: GuestMemory

  func attach(_ configuration: NetConfiguration) throws(MachineError) -> any AttachedDevice {
    do {
      switch configuration.attachment {
      case .virtioMMIO(let mode):
        let (start, interrupt) = try virtio.wiring.takeRegisterPage(isDisk: false)
        let line = VirtioAssembly.commandLine(at: start, interrupt: interrupt)
        let nic = try makeNIC(configuration, mode, commandLine: line)
        try virtio.attachMMIO(nic.device, name: "virtio-mmio network interface", at: start, interrupt: interrupt)
        return nic
      case .virtioPCI(let mode):
        let nic = try makeNIC(configuration, mode, commandLine: "")
        try attachPCI(nic.device)
        return nic
      case .vhost(let tap):
        let device = try VirtioVhost(memory: memory, tap: tap, options: configuration.options)
        try attachPCI(device)
        return VhostNIC(device)
      case .e1000:
        let (slot, interrupt) = try virtio.wiring.takeWiredSlot()
        let nic = try makeE1000(configuration, interrupt, slot: slot)
        try virtio.root.bus().attach(nic.device.function, device: slot)
        return nic
      }
    } catch { throw MachineError(error) }
  }

  private func attachPCI(_ device: any VirtioDevice) throws(MachineError) {
    try virtio.attachPCI(device, name: "virtio-pci network interface", classCode: PCIIdentity.network)
  }

  private func makeNIC(
    _ configuration: NetConfiguration, _ mode: ServiceMode, commandLine: String
  ) throws(MachineError) -> VirtioNIC {
    do {
      return try VirtioNIC(link(configuration), memory, mode, configuration.options, commandLine: commandLine)
    } catch { throw MachineError(error) }
  }

  private func makeE1000(
    _ configuration: NetConfiguration, _ interrupt: UInt32, slot: Int
  ) throws(MachineError) -> E1000NIC {
    do {
      return try E1000NIC(
        E1000(
          memory: memory, link: link(configuration), address: configuration.options.address,
          interrupt: virtio.pciLine(interrupt, slot: slot), line: UInt8(interrupt)))
    } catch { throw MachineError(error) }
  }

  private func link(_ configuration: NetConfiguration) throws(MachineError) -> any FrameLink {
    guard let link = configuration.link else { throw .other("a network interface without vhost needs a link") }
    return link
  }
}
