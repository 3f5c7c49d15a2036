import LinuxSystem

/// Which pages the kernel gave to some address ranges of this process, from `/proc/self/smaps`.
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

  /// Reads the areas that overlap the ranges. The kernel walks the whole address space for it: not for measured windows.
  /// An area that the kernel merged with a neighbour counts with it.
  public init(of ranges: [Range<UInt>], files: HostFiles = HostFiles()) throws(Unavailable) {
    var counts = false
    for line in try files.lines("/proc/self/smaps") {
      if let area = Self.area(line) {
        counts = ranges.contains { $0.overlaps(area) }
      } else if counts {
        add(line)
      }
    }
  }

  private mutating func add(_ line: Substring) {
    let words = line.split(separator: " ")
    guard words.count >= 2, let kibibytes = UInt64(words[1]), kibibytes < 1 << 53 else { return }
    let bytes = kibibytes << 10
    switch words[0] {
    case "Rss:": resident += bytes
    case "AnonHugePages:": transparent += bytes
    // Reserved pages are not part of Rss.
    case "Private_Hugetlb:", "Shared_Hugetlb:":
      resident += bytes
      reserved += bytes
    case "KernelPageSize:":
      let (low, high) = (pageSizes?.lowerBound ?? bytes, pageSizes?.upperBound ?? bytes)
      pageSizes = min(low, bytes)...max(high, bytes)
    default: break
    }
  }

  /// The address range at the head of an area's entry: `7f00…-7f01… rw-p …`.
  public static func area(_ line: Substring) -> Range<UInt>? {
    let bounds = line.prefix { $0 != " " }.split(separator: "-")
    guard bounds.count == 2, let start = UInt(bounds[0], radix: 16), let end = UInt(bounds[1], radix: 16), start < end
    else { return nil }
    return start..<end
  }
}
