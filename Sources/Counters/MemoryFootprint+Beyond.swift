import LinuxSystem
import Topology

extension MemoryFootprint {
  /// Memory of this process that does not lie in some address ranges, such as a guest's RAM.
  public init(beyond ranges: [Range<UInt>], files: HostFiles = HostFiles()) throws(Unavailable) {
    try self.init(process: 0, files: files) { area in !ranges.contains { $0.overlaps(area) } }
  }

  /// Memory of another process that does not lie in the mappings of one size, such as a guest's RAM.
  public init(process: Int32, withoutMappingsOf bytes: UInt, files: HostFiles = HostFiles()) throws(Unavailable) {
    try self.init(process: process, files: files) { UInt($0.count) != bytes }
  }

  private init(process: Int32, files: HostFiles, where isWanted: (Range<UInt>) -> Bool) throws(Unavailable) {
    var (resident, proportional): (UInt64, UInt64) = (0, 0)
    try MemoryAreas.read(process: process, files: files, where: isWanted) { field, bytes in
      if field == .resident { resident += bytes }
      if field == .proportional { proportional += bytes }
    }
    self.init(resident: resident, proportional: proportional)
  }
}
