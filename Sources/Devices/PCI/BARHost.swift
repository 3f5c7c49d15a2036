/// Which address space a base address register claims.
public enum PCISpace: String, Sendable {
  case ports, memory
}

/// The machine, as a function's base address registers see it: where their ranges come onto the buses and leave them.
///
/// Calls come from inside a device's configuration write. A machine that keeps its `Bus` in a property therefore looks
/// the device up with `find`, ends that access and only then calls the device; `Bus.write` on the property would still
/// hold it.
public protocol BARHost: AnyObject {
  /// Puts a region on the bus. Returns false, and changes nothing, where any of the range is taken or is RAM.
  func attach(_ device: any BusDevice, name: String, space: PCISpace, at range: Range<UInt64>) -> Bool
  /// Takes a region off the bus.
  func detach(_ device: any BusDevice, space: PCISpace)
}
