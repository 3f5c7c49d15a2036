/// The i440FX's programmable attribute map (Intel 82441FX datasheet, registers PAM0 to PAM6 of the host bridge): for each piece of the
/// addresses from 0xc0000 to 0xfffff whether reads and writes go to RAM or to the bus, behind which the firmware's ROM is.
public final class AttributeMap: BusDevice {
  /// Offsets in the host bridge's configuration space.
  public static let registers = 0x59..<0x60

  /// What of a piece goes to RAM.
  public struct Attributes: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public static let reads = Attributes(rawValue: 1)
    public static let writes = Attributes(rawValue: 2)

    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }
  }

  /// The pieces, in the order of their addresses: twelve of 16 KiB, and the last of 64 KiB.
  public static let segments: [Range<UInt64>] =
    (0..<12).map { 0xc0000 + $0 * 0x4000..<0xc4000 + $0 * 0x4000 } + [0xf0000..<0x100000]

  /// Which bits of a register there are; two for the cache, which has nothing to decide here, are not kept.
  private static let kept: UInt8 = 0x33

  private var values = [UInt8](repeating: 0, count: registers.count)
  private var attributes = [Attributes](repeating: [], count: segments.count)
  private let changed: (_ segment: Int, Attributes) -> Void

  /// - Parameter changed: takes each of ``segments`` whose attributes change; at the start no access goes to RAM.
  public init(changed: @escaping (_ segment: Int, Attributes) -> Void) {
    self.changed = changed
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    width.read(values, at: offset, absent: 0)
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    width.split(value, at: offset, in: values.indices) { place, byte in
      // The first register has one piece, the last in the order of addresses, in its high half.
      values[place] = byte & (place == 0 ? Self.kept & 0xf0 : Self.kept)
    }
    for segment in attributes.indices { update(segment) }
  }

  private func update(_ segment: Int) {
    let isLast = segment == attributes.count - 1
    let value = isLast ? values[0] >> 4 : values[1 + segment / 2] >> (segment % 2 == 0 ? 0 : 4)
    let now = Attributes(rawValue: value & 0x3)
    guard now != attributes[segment] else { return }
    attributes[segment] = now
    changed(segment, now)
  }
}
