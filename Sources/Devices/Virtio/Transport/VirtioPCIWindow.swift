/// The window through which configuration accesses reach base address 0 (§4.1.4.9): fields from `bar` on.
final class VirtioPCIWindow: BusDevice {
  private let region: PCIRegionMap
  private var space = PCIConfigurationSpace()

  private static let data: UInt64 = 12

  init(_ region: PCIRegionMap) {
    self.region = region
    space.define(UInt8(0), at: 0, writable: 0xff)
    space.define(UInt32(0), at: 4, writable: .max)
    space.define(UInt32(0), at: 8, writable: .max)
  }

  /// What the window shows now: an aligned place inside base address 0, at one of three widths.
  private var target: (offset: UInt64, width: AccessWidth)? {
    let offset = UInt64(space.read(4, width: .long))
    guard space.read(0, width: .byte) == 0,
      let width = AccessWidth(rawValue: UInt8(clamping: space.read(8, width: .long))),
      width != .quad, offset % UInt64(width.rawValue) == 0, offset < VirtioPCI.Region.size
    else { return nil }
    return (offset, width)
  }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    guard offset >= Self.data else { return UInt64(space.read(Int(offset), width: width)) }
    guard let target, offset == Self.data else { return width.mask }
    return region.read(target.offset, width: target.width)
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard offset >= Self.data else {
      return space.write(Int(offset), width: width, value: UInt32(truncatingIfNeeded: value))
    }
    guard let target, offset == Self.data else { return }
    region.write(target.offset, width: target.width, value: value & target.width.mask)
  }
}
