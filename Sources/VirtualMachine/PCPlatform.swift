import ACPI
import Devices
import Glibc
import GuestMemory
import KVM
import LinuxSystem

/// What makes a machine one that an operating system recognises, besides what the probe's machine has as well.
struct PCPlatform {
  let virtio: VirtioAssembly
  let control: MachineControl
  let memory: GuestMemory

  /// Puts the chipset, the clock and power management on the buses.
  func attach() throws(MachineError) {
    let control = control
    do {
      try virtio.machine.handle.createTimer()
      let bus = try virtio.root.chipset()
      bus.attach(
        PCIChipset.powerManagement(
          ports: UInt16(MemoryMap.power.lowerBound), interrupt: UInt8(MemoryMap.powerInterrupt)), device: 1, function: 3
      )
      let power = PowerManagement(
        offType: PowerPorts.offType, now: { MonotonicClock.now }, powerOff: { control.finish(.poweredOff) })
      try virtio.spaces.ports.attach(power, name: "power management", at: MemoryMap.power)
      try virtio.spaces.ports.attach(
        RealTimeClock(memory: memory.size, now: Self.wallClock), name: "real-time clock",
        at: MemoryMap.realTimeClock)
    } catch { throw MachineError(error) }
  }

  /// Puts on the buses what kvm-unit-tests asks a PC for, as QEMU's pc-testdev has it: registers and memory that keep what is written to
  /// them, interrupt inputs that the guest sets itself, and a port that has KVM look a page up anew.
  func attachTestDevices() throws(MachineError) {
    let (machine, memory) = (virtio.machine, memory)
    let lines = (0..<MemoryMap.pinCount).map { LevelLine(machine, gsi: $0) }
    let registers = ScratchRegisters(count: MemoryMap.scratch.count)
    let ports: [(device: any BusDevice, name: String, range: Range<UInt64>)] = [
      (registers, "scratch", MemoryMap.scratch), (registers, "scratch bytes", MemoryMap.scratchBytes),
      (SignalPort { memory.invalidate(GuestAddress(UInt64($0))) }, "page flush", MemoryMap.pageFlush),
      (InterruptLinePorts(lines), "interrupt lines", MemoryMap.interruptLines),
    ]
    do throws(BusOverlap) {
      for port in ports { try virtio.spaces.ports.attach(port.device, name: port.name, at: port.range) }
      try virtio.spaces.memory.attach(
        ScratchRegisters(count: MemoryMap.scratchMemory.count), name: "scratch memory", at: MemoryMap.scratchMemory)
    } catch { throw .overlap(error) }
  }

  /// Nanoseconds since 1970 of the host's clock.
  private static func wallClock() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Writes the tables that describe the machine, once all its devices are wired.
  /// - Returns: guest-physical address of the RSDP.
  func describe(processors: Int) throws(MachineError) -> UInt64 {
    let place = MemoryMap.firmwareTables
    do {
      let tables = try ACPITables(
        description(processors: processors, pciMemory: MemoryMap.pciMemory), at: UInt32(place.lowerBound),
        limit: Int(place.upperBound - place.lowerBound))
      try memory.write(tables.bytes, at: GuestAddress(place.lowerBound))
    } catch { throw MachineError(error) }
    return place.lowerBound
  }

  /// What the tables say.
  /// - Parameter pciMemory: what base addresses may be given.
  func description(processors: Int, pciMemory: Range<UInt64>) -> PlatformDescription {
    PlatformDescription(
      processors: processors, powerPorts: UInt16(MemoryMap.power.lowerBound),
      pciMemory: UInt32(pciMemory.lowerBound)...UInt32(pciMemory.upperBound - 1),
      serialPorts: [(UInt16(MemoryMap.serial.lowerBound), Int(MemoryMap.serialInterrupt))],
      registerPages: virtio.wiring.registerPages, interruptWires: virtio.wiring.interruptWires)
  }
}
