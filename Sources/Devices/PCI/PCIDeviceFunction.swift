/// A function made of parts: region models at offsets of base addresses, capabilities, MSI-X. A transport plugs its
/// models in and puts `function` on the bus.
public final class PCIDeviceFunction {
  /// The function for `PCIBus.attach`.
  public let function: PCIFunction
  /// The function's MSI-X vectors once `addMessageSignals` was called.
  public private(set) var signals: MessageSignals?

  private var maps = [PCIRegionMap?](repeating: nil, count: 6)

  /// Makes a function without regions. Parameters as `PCIFunction.init`.
  public init(_ identity: PCIIdentity, name: String, interruptPin: UInt8 = 0) {
    function = PCIFunction(identity, name: name, interruptPin: interruptPin)
  }

  /// Adds a memory region; models go into the map that it returns.
  /// - Parameters:
  ///   - bar: the base address register, 0 to 5, not taken yet.
  ///   - size: bytes, a power of two from 4096 to 1 GiB.
  ///   - is64Bit: whether it may lie above 4 GiB, which takes the next register too.
  public func addRegion(bar: Int, size: UInt64, is64Bit: Bool = false) -> PCIRegionMap {
    let map = PCIRegionMap()
    function.addMemory(map, at: bar, size: size, is64Bit: is64Bit)
    maps[bar] = map
    return map
  }

  /// Adds a capability with constant bytes; see `PCIFunction.addCapability` and, for bytes that live, `overlay`.
  @discardableResult
  public func addCapability(_ identifier: UInt8, body: [UInt8]) -> Int {
    function.addCapability(identifier, body: body)
  }

  /// Adds the MSI-X capability, its table and its pending bits.
  /// - Parameters:
  ///   - count: vectors, 1 to 2048.
  ///   - interrupts: where the messages go.
  ///   - bar: a region added before.
  ///   - tableOffset: where in it the table goes, a multiple of 8.
  ///   - pendingOffset: where in it the pending bits go, a multiple of 8.
  /// - Throws: `BusOverlap` where another model has the place.
  @discardableResult
  public func addMessageSignals(
    count: Int, interrupts: any MessageInterrupts, bar: Int, tableOffset: UInt64, pendingOffset: UInt64
  ) throws(BusOverlap) -> MessageSignals {
    guard let map = maps[bar] else { preconditionFailure("MSI-X lives in a region that was added before") }
    precondition(tableOffset % 8 == 0 && pendingOffset % 8 == 0, "MSI-X structures are quad-aligned")
    let signals = MessageSignals(count: count, interrupts: interrupts)
    let table = MessageTable(signals)
    let pending = MessagePendingBits(signals)
    try map.attach(table, name: "MSI-X table", at: tableOffset..<tableOffset + table.size)
    try map.attach(pending, name: "MSI-X pending bits", at: pendingOffset..<pendingOffset + pending.size)
    let body = signals.capabilityBody(
      bar: bar, tableOffset: UInt32(tableOffset), pendingOffset: UInt32(pendingOffset))
    let offset = function.addCapability(MessageSignals.identifier, body: body)
    function.overlay(MessageControl(signals), at: offset + 2..<offset + 4)
    self.signals = signals
    return signals
  }
}
