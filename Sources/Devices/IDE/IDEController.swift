import GuestMemory
import Storage

/// A PIIX3 IDE controller with one disk, device 0 of the primary channel, over a storage engine.
///
/// The machine puts `commandBlock` and `controlBlock` on its port bus, `function` on PCI bus 0 as device 1 function 1,
/// and wires `interrupt` to IRQ 14. Accesses run the storage engine on the vCPU's thread and return when it is done.
public final class IDEController<Engine: StorageEngine & ~Copyable> {
  /// Compatible ports of the primary channel's command block; the data port is the first.
  public static var commandPorts: Range<UInt64> { 0x1f0..<0x1f8 }
  /// The primary channel's alternate status and device control.
  public static var controlPorts: Range<UInt64> { 0x3f6..<0x3f7 }
  /// The primary channel's interrupt, an input of the legacy interrupt controller and the IOAPIC.
  public static var irq: Int { 14 }

  /// The controller on the PCI bus; base address 4 holds the bus-master registers.
  public let function: PCIFunction
  /// For `commandPorts`.
  public let commandBlock: any BusDevice
  /// For `controlPorts`.
  public let controlBlock: any BusDevice

  private let channel: IDEChannel<Engine>

  /// Makes a controller whose disk has the engine's capacity.
  /// - Parameters:
  ///   - engine: performs what the drive is asked for.
  ///   - identity: what the drive says of itself: model, serial number, firmware.
  ///   - memory: what bus-master transfers reach.
  ///   - interrupt: IRQ 14.
  public init(
    engine: consuming Engine, identity: IDEIdentity = IDEIdentity(), memory: GuestMemory, interrupt: any InterruptLine
  ) {
    let drive = IDEDrive(engine: engine, identity: identity)
    let channel = IDEChannel(drive: drive, memory: memory, interrupt: interrupt)
    function = PCIChipset.ideFunction(busMaster: IDEPorts(channel, .busMaster))
    channel.function = function
    commandBlock = IDEPorts(channel, .command)
    controlBlock = IDEPorts(channel, .control)
    self.channel = channel
  }

  /// Waits until no access is in progress, as long as the storage engine takes for one.
  /// - Parameter deadline: `MonotonicClock` time.
  /// - Returns: false where the deadline passed first: the engine does not answer, and whoever asks for counters waits with it.
  public func isIdle(by deadline: UInt64) -> Bool { channel.isIdle(by: deadline) }

  /// The guest does not run for a while. Waits for an access in progress.
  public func rest() { channel.rest() }

  /// What the guest did so far. Any thread may ask; it waits for an access in progress.
  public var counters: IDECounters { channel.counters }

  /// Median nanoseconds that the storage engine took for its last thousand requests; nil before the first. Any thread may ask.
  public var medianServiceTime: UInt64? { channel.medianServiceTime }

  /// The first request that the storage engine failed, nil while there is none: the reason for a failed leg.
  public var firstFailure: IDEFailure? { channel.firstFailure }
}
