/// Emulated and paravirtual device models. They see offsets, values and guest memory; they know neither KVM nor the bus
/// that carries them.
///
/// How many bytes one access moves.
public enum AccessWidth: UInt8, Sendable {
  case byte = 1
  case word = 2
  case long = 4
  case quad = 8

  /// All ones in this width: what a bus floats to where nothing answers.
  @inlinable
  public var mask: UInt64 { self == .quad ? .max : (1 << (UInt64(rawValue) * 8)) - 1 }
}

/// What a bus carries. Calls come from vCPU threads, one at a time for each device.
public protocol BusDevice: AnyObject {
  /// Returns the value at `offset` bytes into the device's range; bits past `width` are ignored.
  func read(_ offset: UInt64, width: AccessWidth) -> UInt64
  /// Takes a value for `offset` bytes into the device's range; bits past `width` are zero.
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64)
}

/// A range that was already taken.
public struct BusOverlap: Error, CustomStringConvertible {
  public let name: String
  public let range: Range<UInt64>
  public let other: String

  public var description: String {
    "\(name) at 0x\(String(range.lowerBound, radix: 16))..<0x\(String(range.upperBound, radix: 16)) overlaps \(other)"
  }
}

/// An address space of devices: port I/O or memory-mapped I/O. Ranges never overlap; what nobody answers reads as all ones.
public struct Bus {
  private struct Slot {
    let range: Range<UInt64>
    let name: String
    let device: any BusDevice
  }
  private var slots: [Slot] = []

  public init() {}

  /// Puts a device on the bus.
  /// - Throws: `BusOverlap` where any address of the range is taken.
  public mutating func attach(_ device: any BusDevice, name: String, at range: Range<UInt64>) throws(BusOverlap) {
    if let other = slots.first(where: { $0.range.overlaps(range) }) {
      throw BusOverlap(name: name, range: range, other: other.name)
    }
    let index = slots.firstIndex { $0.range.lowerBound > range.lowerBound } ?? slots.endIndex
    slots.insert(Slot(range: range, name: name, device: device), at: index)
  }

  /// Takes every range of a device off the bus, for a PCI base address that moves.
  public mutating func detach(_ device: any BusDevice) {
    slots.removeAll { $0.device === device }
  }

  /// The device at an address and the offset of the address in it.
  public func find(_ address: UInt64) -> (device: any BusDevice, offset: UInt64)? {
    var low = 0
    var high = slots.count
    while low < high {
      let middle = (low + high) / 2
      if slots[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
    }
    guard low < slots.count, slots[low].range.contains(address) else { return nil }
    return (slots[low].device, address - slots[low].range.lowerBound)
  }

  /// Reads from whoever answers; all ones where nobody does.
  public func read(_ address: UInt64, width: AccessWidth) -> UInt64 {
    guard let (device, offset) = find(address) else { return width.mask }
    return device.read(offset, width: width) & width.mask
  }

  /// Writes to whoever answers; nothing happens where nobody does.
  public func write(_ address: UInt64, width: AccessWidth, value: UInt64) {
    guard let (device, offset) = find(address) else { return }
    device.write(offset, width: width, value: value & width.mask)
  }
}
