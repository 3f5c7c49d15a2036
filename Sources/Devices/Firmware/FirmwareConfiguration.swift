import GuestMemory

/// The device by which firmware asks a virtual machine what it is made of (QEMU, docs/specs/fw_cfg.rst): a port that selects an item, a
/// port that reads it byte by byte, and an address of a request that has a whole piece of it copied into memory. Items are read-only.
public final class FirmwareConfiguration: BusDevice {
  public static let ports: Range<UInt64> = 0x510..<0x51c
  /// Most bytes that one request moves; none of the items has more.
  public static let transferLimit: UInt32 = 16 << 20

  /// Offsets of the ports.
  private enum Port {
    static let selector: UInt64 = 0
    static let data: UInt64 = 1
    static let addressHigh: UInt64 = 4
    static let addressLow: UInt64 = 8
    static let address: Range<UInt64> = 4..<12
  }

  /// Bits of a request's first word.
  private enum Control {
    static let error: UInt32 = 1 << 0
    static let read: UInt32 = 1 << 1
    static let skip: UInt32 = 1 << 2
    static let select: UInt32 = 1 << 3
    static let write: UInt32 = 1 << 4
  }

  /// What the address reads as where there is DMA.
  private static let signature = Array("QEMU CFG".utf8)

  private let items: [UInt16: [UInt8]]
  private let memory: GuestMemory
  private var selected: [UInt8]
  /// Bytes of the selected item that were taken, or of what would be behind its end.
  private var taken = 0
  private var addressHigh: UInt32 = 0

  /// - Parameters:
  ///   - items: what is answered, by its number.
  ///   - memory: what requests lie in, and are answered into.
  public init(_ items: FirmwareItems, memory: GuestMemory) {
    self.items = items.all
    self.memory = memory
    selected = self.items[FirmwareItems.Selector.signature] ?? []
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    if offset == Port.data, width == .byte { return UInt64(takeByte()) }
    return (0..<UInt64(width.rawValue)).reduce(width.mask) { value, index in
      let place = offset &+ index
      guard Port.address.contains(place) else { return value }
      let byte = UInt64(Self.signature[Int(place - Port.address.lowerBound)])
      return value & ~(0xff << (index * 8)) | byte << (index * 8)
    }
  }

  /// The selector is little-endian, the address big-endian.
  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    switch (offset, width) {
    case (Port.selector, .word): select(UInt16(truncatingIfNeeded: value))
    case (Port.addressHigh, .long): addressHigh = UInt32(truncatingIfNeeded: value).byteSwapped
    case (Port.addressLow, .long):
      let low = UInt32(truncatingIfNeeded: value).byteSwapped
      try? serve(GuestAddress(UInt64(addressHigh) << 32 | UInt64(low)))
      addressHigh = 0
    default: break
    }
  }

  private func select(_ selector: UInt16) {
    selected = items[selector] ?? []
    taken = 0
  }

  /// Behind its end an item reads as zeros.
  private func takeByte() -> UInt8 {
    guard taken < selected.count else { return 0 }
    defer { taken += 1 }
    return selected[taken]
  }

  /// Does a request: control, length and address, big-endian, each read once. A request that is not in RAM gets no answer, since there is
  /// no place for one.
  private func serve(_ place: GuestAddress) throws(GuestMemoryError) {
    guard let second = place.advanced(by: 4), let third = place.advanced(by: 8) else { return }
    let control = try memory.load(place, as: UInt32.self).byteSwapped
    let length = try memory.load(second, as: UInt32.self).byteSwapped
    let target = GuestAddress(try memory.load(third, as: UInt64.self).byteSwapped)
    if control & Control.select != 0 { select(UInt16(control >> 16)) }
    var isDone = true
    if control & Control.read != 0 {
      isDone = copy(length, to: target)
    } else if control & Control.write != 0 {
      isDone = false
    } else if control & Control.skip != 0 {
      taken = min(selected.count, taken + Int(length))
    }
    try memory.store((isDone ? 0 : Control.error).byteSwapped, at: place)
  }

  /// Copies what comes next of the item, and zeros behind its end. Returns whether all of the target is RAM.
  private func copy(_ length: UInt32, to target: GuestAddress) -> Bool {
    guard length <= Self.transferLimit, let bytes = unsafe memory.host(target, count: UInt64(length)) else {
      return false
    }
    let count = min(Int(length), selected.count - taken)
    unsafe bytes.copyBytes(from: selected[taken..<taken + count])
    unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).initializeMemory(as: UInt8.self, repeating: 0)
    taken += count
    return true
  }
}
