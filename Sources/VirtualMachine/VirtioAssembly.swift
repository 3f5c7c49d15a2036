import Devices
import KVM
import LinuxSystem

/// Puts virtio devices on a machine's buses.
struct VirtioAssembly {
  let machine: SharedVirtualMachine
  let spaces: AddressSpaces
  let root: PCIRoot
  let wiring: Wiring
  /// Whether PCI's interrupt lines are the levels that an operating system expects. The probe has them be edges: no register access
  /// that takes a line back leaves the device then.
  let hasLevels: Bool
  /// What leads PCI's interrupt lines to ISA's as well; nil in a machine whose guests are told of the IOAPIC's inputs alone.
  let router: InterruptRouter?

  /// INTA# of a device.
  /// - Parameters:
  ///   - interrupt: its input of the IOAPIC.
  ///   - slot: its number on bus 0.
  func pciLine(_ interrupt: UInt32, slot: Int) throws(SystemError) -> any InterruptLine {
    let line: any InterruptLine =
      hasLevels ? LevelLine(machine, gsi: interrupt) : try EventLine(machine, gsi: interrupt)
    return router?.line(beside: line, device: slot) ?? line
  }

  /// What the guest's command line must say of a device that `attachMMIO` puts there.
  static func commandLine(at start: UInt64, interrupt: UInt32) -> String {
    "virtio_mmio.device=\(VirtioMMIO.size)@0x\(String(start, radix: 16)):\(interrupt)"
  }

  func attachMMIO(
    _ device: any VirtioDevice, name: String, at start: UInt64, interrupt: UInt32
  ) throws(MachineError) {
    do {
      let transport = VirtioMMIO(device, line: try EventLine(machine, gsi: interrupt))
      try spaces.memory.attach(transport, name: name, at: start..<start + VirtioMMIO.size)
      for doorbell in transport.doorbells {
        try machine.handle.attach(eventDescriptor: doorbell.event, to: doorbell.place(in: .memory, at: start))
      }
    } catch { throw MachineError(error) }
  }

  /// - Parameter classCode: what the function shows itself as.
  /// - Returns: its number on bus 0.
  @discardableResult
  func attachPCI(_ device: any VirtioDevice, name: String, classCode: UInt32) throws(MachineError) -> Int {
    do {
      let count = device.queueSizes.count + 1
      let messages = try EventMessages(machine, first: root.takeMessages(count), count: count)
      let transport = try VirtioPCI(device, name: name, classCode: classCode, messages: messages)
      let doorbells = MovingDoorbells(machine, transport.doorbells)
      transport.function.regionMoved = { index, range in if index == 0 { doorbells.move(to: range?.lowerBound) } }
      let slot = try wiring.takeSlot()
      try root.bus().attach(transport.function, device: slot)
      return slot
    } catch { throw MachineError(error) }
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
