import LinuxSystem

/// Which pages the kernel gave to some address ranges of this process.
public struct PageUse: Equatable, Sendable {
  /// Bytes that are present, on pages of any size.
  public var resident: UInt64 = 0
  /// Bytes of ``resident`` on transparent huge pages.
  public var transparent: UInt64 = 0
  /// Bytes of ``resident`` on reserved huge pages.
  public var reserved: UInt64 = 0
  /// Smallest and largest page size with which the kernel maps the ranges' areas, in bytes; nil before the first area.
  public var pageSizes: ClosedRange<UInt64>?

  /// Bytes on huge pages of either kind.
  public var huge: UInt64 { transparent + reserved }

  /// Reads the areas that overlap the ranges (see ``MemoryAreas``).
  public init(of ranges: [Range<UInt>], files: HostFiles = HostFiles()) throws(Unavailable) {
    var use = Self()
    try MemoryAreas.read(
      files: files, where: { area in ranges.contains { $0.overlaps(area) } }, body: { use.add($0, $1) })
    self = use
  }

  private init() {}

  private mutating func add(_ field: MemoryAreas.Field, _ bytes: UInt64) {
    switch field {
    case .resident: resident += bytes
    case .transparentHuge, .sharedTransparentHuge: transparent += bytes
    // Reserved pages are not part of Rss.
    case .privateReservedHuge, .sharedReservedHuge:
      resident += bytes
      reserved += bytes
    case .pageSize:
      let (low, high) = (pageSizes?.lowerBound ?? bytes, pageSizes?.upperBound ?? bytes)
      pageSizes = min(low, bytes)...max(high, bytes)
    case .proportional: break
    }
  }
}
