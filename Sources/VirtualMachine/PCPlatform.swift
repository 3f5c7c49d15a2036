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

  /// Nanoseconds since 1970 of the host's clock.
  private static func wallClock() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Writes the tables that describe the machine, once all its devices are wired.
  /// - Returns: guest-physical address of the RSDP.
  func describe(processors: Int) throws(MachineError) -> UInt64 {
    let description = PlatformDescription(
      processors: processors, powerPorts: UInt16(MemoryMap.power.lowerBound),
      pciMemory: UInt32(MemoryMap.pciMemory.lowerBound)...UInt32(MemoryMap.pciMemory.upperBound - 1),
      serialPorts: [(UInt16(MemoryMap.serial.lowerBound), Int(MemoryMap.serialInterrupt))],
      registerPages: virtio.wiring.registerPages, interruptWires: virtio.wiring.interruptWires)
    let place = MemoryMap.firmwareTables
    do {
      let tables = try ACPITables(
        description, at: UInt32(place.lowerBound), limit: Int(place.upperBound - place.lowerBound))
      try memory.write(tables.bytes, at: GuestAddress(place.lowerBound))
    } catch { throw MachineError(error) }
    return place.lowerBound
  }
}
