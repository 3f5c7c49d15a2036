/// The chipset functions that drivers of a PC of the i440FX family look for. They decode no addresses; drivers only
/// look for them.
public enum PCIChipset {
  /// The i440FX host bridge, device 0 (Intel 82441FX datasheet). Its subsystem is the one by which SeaBIOS knows a virtual machine of this
  /// family (QEMU, docs/specs/pci-ids.rst).
  public static func hostBridge() -> PCIFunction {
    PCIFunction(
      PCIIdentity(
        vendor: 0x8086, device: 0x1237, classCode: 0x060000, revision: 2, subsystemVendor: 0x1af4, subsystem: 0x1100),
      name: "i440FX host bridge")
  }

  /// The PIIX3 ISA bridge, device 1 function 0. Its PIRQ routing registers keep what is written; interrupts that use
  /// lines are wired by the machine (Intel 82371SB datasheet).
  public static func isaBridge() -> PCIFunction {
    let bridge = PCIFunction(
      PCIIdentity(vendor: 0x8086, device: 0x7000, classCode: 0x060100), name: "PIIX3 ISA bridge")
    bridge.define(UInt32(0x8080_8080), at: 0x60, writable: 0x8f8f_8f8f)
    return bridge
  }

  /// The PIIX4's power management, device 1 function 3, whose registers lie at fixed ports (Intel 82371AB datasheet, §7).
  /// - Parameters:
  ///   - ports: the first of its ports.
  ///   - interrupt: of the system control interrupt.
  public static func powerManagement(ports: UInt16, interrupt: UInt8) -> PCIFunction {
    let function = PCIFunction(
      PCIIdentity(vendor: 0x8086, device: 0x7113, classCode: 0x068000, revision: 3), name: "PIIX4 power management",
      interruptPin: 1)
    function.setInterruptLine(interrupt)
    function.define(UInt32(ports) | 1, at: 0x40)  // PMBA: ports, and that they are
    // DEVACTB: a write to the APM port raises its interrupt. Firmware that finds it so leaves system management mode alone, which
    // this machine has not.
    function.define(UInt32(1 << 25), at: 0x58)
    function.define(UInt8(1), at: 0x80)  // PMREGMISC: they are decoded
    return function
  }

  /// The PIIX3 IDE function, device 1 function 1: both channels at their compatible ports, the first one switched on as
  /// firmware leaves it (Intel 82371SB datasheet).
  /// - Parameter busMaster: the 16 bus-master registers, base address 4.
  static func ideFunction(busMaster: any BusDevice) -> PCIFunction {
    let function = PCIFunction(
      PCIIdentity(vendor: 0x8086, device: 0x7010, classCode: 0x010180), name: "PIIX3 IDE", firstCapability: 0x50)
    function.define(UInt32(0x0000_8000), at: 0x40, writable: 0xffff_ffff)  // timing; bit 15 of each half: decode
    function.addPorts(busMaster, at: 4, size: 16)
    return function
  }
}
