import ProbeABI

extension NetDevices {
  /// Makes the first 82540EM the device, if there is one.
  mutating func findE1000() throws(DeviceError) -> Bool {
    guard PCIScan.isThere, let location = PCIScan.find(vendor: 0x8086, device: 0x100e) else { return false }
    location.enable()
    let region = location.baseAddress(0)
    guard !region.isPorts, region.base > 0, region.base <= 0xffff_ffff - E1000Registers.size else {
      throw DeviceError(reason: "the e1000 has no registers below 4 GiB")
    }
    guard let place = memory.carve(UInt64(MemoryLayout<E1000Driver>.size), alignment: 64) else {
      throw DeviceError(reason: "no memory for the e1000 driver")
    }
    let driver = UnsafeMutableRawPointer(bitPattern: UInt(place.address))!.assumingMemoryBound(to: E1000Driver.self)
    driver.initialize(
      to: try E1000Driver(
        E1000Registers(base: region.base), line: location.read8(PCILocation.Register.interruptLine),
        throttling: UInt32(truncatingIfNeeded: options["net_itr"] ?? 0), hasOffloads: options["net_offload"] != 0,
        memory: &memory, sleep: DeviceSleep(vector: Vector.net, tscKilohertz: tscKilohertz)))
    device.pointee = E1000Driver.device(driver)
    note.append("device=e1000 depth=")
    note.append(UInt64(E1000Driver.depth))
    note.append(driver.pointee.hasOffloads ? " tso=1" : " tso=0")
    note.append(driver.pointee.hasInterrupts ? " interrupts=1" : " interrupts=0")
    return true
  }
}
