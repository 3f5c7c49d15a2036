/// What the tables say of a machine.
public struct PlatformDescription: Sendable {
  /// A virtio-mmio device: its page of registers, and its input of the IOAPIC, edge-triggered.
  public struct RegisterPage: Sendable, Hashable {
    public var start: UInt32
    public var size: UInt32
    public var interrupt: UInt32

    public init(start: UInt32, size: UInt32, interrupt: UInt32) {
      (self.start, self.size, self.interrupt) = (start, size, interrupt)
    }
  }

  /// A PCI device whose INTA# is wired to an input of the IOAPIC, level-triggered.
  public struct InterruptWire: Sendable, Hashable {
    /// Its number on bus 0.
    public var device: Int
    public var interrupt: UInt32

    public init(device: Int, interrupt: UInt32) {
      (self.device, self.interrupt) = (device, interrupt)
    }
  }

  /// Local APICs, with identifiers from 0 up: 1 to 255.
  public var processors: Int
  /// The local APICs' page, and the IOAPIC's.
  public var localAPIC: UInt32 = 0xfee0_0000
  public var ioAPIC: UInt32 = 0xfec0_0000
  /// The first of the ports of power management: events at 0, control at 4, the timer at 8 (``PowerPorts``).
  public var powerPorts: UInt16
  /// Interrupt of power management.
  public var powerInterrupt: UInt8 = 9
  /// What PCI base addresses may be given.
  public var pciMemory: ClosedRange<UInt32>
  /// The serial ports: first port and ISA interrupt.
  public var serialPorts: [(start: UInt16, interrupt: Int)]
  public var registerPages: [RegisterPage]
  public var interruptWires: [InterruptWire]

  public init(
    processors: Int, powerPorts: UInt16, pciMemory: ClosedRange<UInt32>,
    serialPorts: [(start: UInt16, interrupt: Int)], registerPages: [RegisterPage] = [],
    interruptWires: [InterruptWire] = []
  ) {
    precondition((1...255).contains(processors), "local APICs' identifiers have eight bits, and 255 means all")
    self.processors = processors
    self.powerPorts = powerPorts
    self.pciMemory = pciMemory
    self.serialPorts = serialPorts
    self.registerPages = registerPages
    self.interruptWires = interruptWires
  }
}

/// Registers of power management, as offsets from the first port (ACPI 6.4 §4.8.3; the PIIX4's are in this order).
public enum PowerPorts {
  /// Status, and two bytes further what raises an interrupt.
  public static let event: UInt16 = 0
  public static let control: UInt16 = 4
  /// 32 bits that count 3.579545 MHz.
  public static let timer: UInt16 = 8
  public static let count: UInt16 = 16
  /// The sleep type, bits 10 to 12 of the control register, of the state S5: off.
  public static let offType: UInt8 = 5
}
