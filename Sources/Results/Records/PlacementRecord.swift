/// Where the threads of a run's legs ran and where their memory was to lie.
public struct PlacementRecord: Codable, Sendable, Equatable {
  /// The plan as it was asked for: `same-node`, `vcpu=2,io=3`.
  public var plan: String
  /// CPU of the vCPU's thread and of the native leg's workload.
  public var vcpu: Int
  /// CPU of the I/O thread; nil on a host with one CPU.
  public var io: Int?
  /// NUMA nodes of the two CPUs; nil where the kernel tells none.
  public var vcpuNode: Int?
  public var ioNode: Int?
  /// Node of guest RAM and of the native leg's arena.
  public var memoryNode: Int?
  /// Node of the disk's device; nil where there is none or it tells none, see ``deviceReason``.
  public var deviceNode: Int?
  public var deviceReason: String?
  /// Which pages were asked for: `none`, `thp`, `hugetlb`.
  public var hugePages: String

  public init(
    plan: String, vcpu: Int, io: Int?, vcpuNode: Int?, ioNode: Int?, memoryNode: Int?, deviceNode: Int?,
    deviceReason: String?, hugePages: String
  ) {
    self.plan = plan
    self.vcpu = vcpu
    self.io = io
    self.vcpuNode = vcpuNode
    self.ioNode = ioNode
    self.memoryNode = memoryNode
    self.deviceNode = deviceNode
    self.deviceReason = deviceReason
    self.hugePages = hugePages
  }
}
