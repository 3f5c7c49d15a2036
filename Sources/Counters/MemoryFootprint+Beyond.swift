import LinuxSystem
import Topology

extension MemoryFootprint {
  /// Memory of this process that does not lie in some address ranges, such as a guest's RAM. From `/proc/self/smaps`.
  public init(beyond ranges: [Range<UInt>], files: HostFiles = HostFiles()) throws(Unavailable) {
    try self.init(smaps: "/proc/self/smaps", files: files) { area in ranges.contains { $0.overlaps(area) } }
  }

  /// Memory of another process that does not lie in the mappings of one size, such as a guest's RAM.
  public init(process: Int32, withoutMappingsOf bytes: UInt, files: HostFiles = HostFiles()) throws(Unavailable) {
    try self.init(smaps: "/proc/\(process)/smaps", files: files) { UInt($0.count) == bytes }
  }

  private init(
    smaps path: String, files: HostFiles, isLeftOut: (Range<UInt>) -> Bool
  ) throws(Unavailable) {
    var (resident, proportional): (UInt64, UInt64) = (0, 0)
    var counts = false
    for line in try files.lines(path) {
      if let area = PageUse.area(line) {
        counts = !isLeftOut(area)
      } else if counts, line.hasPrefix("Rss:") {
        resident += Self.bytes(line)
      } else if counts, line.hasPrefix("Pss:") {
        proportional += Self.bytes(line)
      }
    }
    self.init(resident: resident, proportional: proportional)
  }

  /// The number of `Rss:   1234 kB`, in bytes.
  private static func bytes(_ line: Substring) -> UInt64 {
    let words = line.split(separator: " ")
    return words.count >= 2 ? (UInt64(words[1]) ?? 0) << 10 : 0
  }
}
