import Synchronization

/// How many bytes one access moves.
public enum AccessWidth: UInt8, Sendable {
  case byte = 1
  case word = 2
  case long = 4
  case quad = 8

  /// - Parameter bytes: 1, 2, 4 or 8; nil for any other number.
  @inlinable
  public init?(bytes: Int) {
    switch bytes {
    case 1: self = .byte
    case 2: self = .word
    case 4: self = .long
    case 8: self = .quad
    default: return nil
    }
  }

  /// All ones in this width: what an access without a device reads.
  @inlinable
  public var mask: UInt64 { self == .quad ? .max : (1 << (UInt64(rawValue) * 8)) - 1 }

  /// Reads one little-endian value of this width. `start` and the value's end lie inside `source`.
  @inlinable
  public func load(from source: UnsafeRawBufferPointer, at start: Int) -> UInt64 {
    switch self {
    case .byte: return unsafe UInt64(source[start])
    case .word: return unsafe UInt64(UInt16(littleEndian: source.loadUnaligned(fromByteOffset: start, as: UInt16.self)))
    case .long: return unsafe UInt64(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    case .quad: return unsafe UInt64(littleEndian: source.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    }
  }

  /// Stores the low bytes of a value, little-endian. `start` and the value's end lie inside `target`.
  @inlinable
  public func store(_ value: UInt64, into target: UnsafeMutableRawBufferPointer, at start: Int) {
    switch self {
    case .byte: unsafe target[start] = UInt8(truncatingIfNeeded: value)
    case .word:
      unsafe target.storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, toByteOffset: start, as: UInt16.self)
    case .long:
      unsafe target.storeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian, toByteOffset: start, as: UInt32.self)
    case .quad: unsafe target.storeBytes(of: value.littleEndian, toByteOffset: start, as: UInt64.self)
    }
  }
}

/// What a bus carries. Calls come from vCPU threads, one at a time for each device.
public protocol BusDevice: AnyObject {
  /// Returns the value at `offset` bytes into the device's range; bits past `width` are ignored.
  func read(_ offset: UInt64, width: AccessWidth) -> UInt64
  /// Takes a value for `offset` bytes into the device's range; bits past `width` are zero.
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64)
  /// Fills `target` with reads of one and the same offset, in order: a string input such as `rep insw`, which arrives
  /// from KVM as one exit. Bytes past the last whole `width` stay as they are.
  func readRepeated(_ offset: UInt64, width: AccessWidth, into target: UnsafeMutableRawBufferPointer)
  /// Writes the values of `source` one after another to one and the same offset: a string output such as `rep outsw`.
  /// Bytes past the last whole `width` are ignored.
  func writeRepeated(_ offset: UInt64, width: AccessWidth, from source: UnsafeRawBufferPointer)
}

extension BusDevice {
  /// One read a value. A device with a data port has a faster version of its own.
  public func readRepeated(_ offset: UInt64, width: AccessWidth, into target: UnsafeMutableRawBufferPointer) {
    let size = Int(width.rawValue)
    for start in stride(from: 0, through: target.count - size, by: size) {
      unsafe width.store(read(offset, width: width), into: target, at: start)
    }
  }

  /// One write a value. A device with a data port has a faster version of its own.
  public func writeRepeated(_ offset: UInt64, width: AccessWidth, from source: UnsafeRawBufferPointer) {
    let size = Int(width.rawValue)
    for start in stride(from: 0, through: source.count - size, by: size) {
      unsafe write(offset, width: width, value: width.load(from: source, at: start))
    }
  }
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

/// A device's range on a bus. Who was given one may use it without asking the bus again, for as long as it holds the address.
public final class BusSlot {
  public let range: Range<UInt64>
  public let name: String
  public let device: any BusDevice
  // Atomic, as the exclusive access to a plain variable of a class is checked at every look.
  @usableFromInline let isAttached = Atomic<Bool>(true)

  init(range: Range<UInt64>, name: String, device: any BusDevice) {
    (self.range, self.name, self.device) = (range, name, device)
  }

  /// Whether an access to an address is this device's.
  @inlinable
  public func holds(_ address: UInt64) -> Bool { range.contains(address) && isAttached.load(ordering: .relaxed) }
}

/// An address space of devices: port I/O or memory-mapped I/O. Ranges never overlap; addresses without a device read as all ones.
public struct Bus {
  private var slots: [BusSlot] = []

  public init() {}

  /// Puts a device on the bus.
  /// - Throws: `BusOverlap` where any address of the range is taken.
  public mutating func attach(_ device: any BusDevice, name: String, at range: Range<UInt64>) throws(BusOverlap) {
    if let other = slots.first(where: { $0.range.overlaps(range) }) {
      throw BusOverlap(name: name, range: range, other: other.name)
    }
    let index = slots.firstIndex { $0.range.lowerBound > range.lowerBound } ?? slots.endIndex
    slots.insert(BusSlot(range: range, name: name, device: device), at: index)
  }

  /// Takes every range of a device off the bus, for a PCI base address that moves.
  public mutating func detach(_ device: any BusDevice) {
    for slot in slots where slot.device === device { slot.isAttached.store(false, ordering: .relaxed) }
    slots.removeAll { $0.device === device }
  }

  /// Whose an address is; nil where no device is there.
  public func slot(at address: UInt64) -> BusSlot? {
    var low = 0
    var high = slots.count
    while low < high {
      let middle = (low + high) / 2
      if slots[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
    }
    return low < slots.count && slots[low].range.contains(address) ? slots[low] : nil
  }

  /// The device at an address and the offset of the address in it.
  public func find(_ address: UInt64) -> (device: any BusDevice, offset: UInt64)? {
    slot(at: address).map { ($0.device, address - $0.range.lowerBound) }
  }

  /// Reads from the device at an address; all ones where there is none.
  public func read(_ address: UInt64, width: AccessWidth) -> UInt64 {
    guard let (device, offset) = find(address) else { return width.mask }
    return device.read(offset, width: width) & width.mask
  }

  /// Writes to the device at an address; nothing happens where there is none.
  public func write(_ address: UInt64, width: AccessWidth, value: UInt64) {
    guard let (device, offset) = find(address) else { return }
    device.write(offset, width: width, value: value & width.mask)
  }
}
