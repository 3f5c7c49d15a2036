import ProbeABI

extension BlockDevices {
  /// The IOAPIC's pin of a first channel in compatibility mode.
  private static var pin: UInt32 { 14 }

  /// Makes the first IDE disk the device, if there is one.
  /// - Parameters:
  ///   - wantsMaster: whether the bus master is to move the data; a controller on PCI has it.
  ///   - isAutomatic: whether programmed I/O will do where there is no bus master.
  mutating func findIDE(wantsMaster: Bool, isAutomatic: Bool) throws(DeviceError) -> Bool {
    var master: UInt16 = 0
    if wantsMaster {
      guard PCIScan.isThere, let controller = PCIScan.find(class: 0x0101) else { return false }
      controller.enable()
      let base = controller.baseAddress(4)
      if base.isPorts, base.base > 0, base.base <= 0xfff0 { master = UInt16(base.base) }
      guard master != 0 || isAutomatic else {
        throw DeviceError(reason: "the IDE controller has no bus master")
      }
    }
    guard let table = memory.carve(UInt64(IDEDriver.tableSize)) else { throw Self.noMemory }
    let driver = try place(IDEDriver.self)
    let interrupt = try place(BlockInterrupt.self)
    let made = IDEDriver(
      master: master, table: master != 0 ? table.pointer(to: UInt64.self) : nil, timeout: 1000 &* tscKilohertz,
      waitForInterrupt: { context, deadline in
        context!.assumingMemoryBound(to: BlockInterrupt.self).pointee.wait(deadline) ? 1 : 0
      }, waitContext: UnsafeMutableRawPointer(interrupt))
    guard let made else { return false }
    IOAPIC.route(pin: Self.pin, to: Vector.device, processor: LocalAPIC.identifier)
    interrupt.initialize(to: BlockInterrupt(sleep: DeviceSleep(vector: Vector.device, tscKilohertz: tscKilohertz)))
    driver.initialize(to: made)
    device.pointee = IDEDriver.device(driver)
    note.append(master != 0 ? "device=ide-dma" : "device=ide-pio")
    note.append(" depth=")
    note.append(UInt64(IDEDriver.depth))
    note.append(" block=")
    note.append(UInt64(made.block))
    note.append(made.hasExtended ? " lba48=1" : " lba48=0")
    return true
  }
}

/// A line's interrupts one after the other, for a device that has one step under way at a time.
struct BlockInterrupt {
  var sleep: DeviceSleep
  private var taken: UInt64

  init(sleep: DeviceSleep) {
    self.sleep = sleep
    taken = sleep.count
  }

  /// Sleeps until there is an interrupt that no call has taken before. Returns false once `deadline` has passed.
  mutating func wait(_ deadline: UInt64) -> Bool {
    guard sleep.wait(taken, deadline) else { return false }
    taken = sleep.count
    return true
  }
}
