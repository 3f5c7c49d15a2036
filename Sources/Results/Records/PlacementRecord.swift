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
  /// Kinds of the two cores; nil on a host whose cores are all alike.
  public var vcpuCore: String?
  public var ioCore: String?

  public init(
    plan: String, vcpu: Int, io: Int?, vcpuNode: Int?, ioNode: Int?, memoryNode: Int?, deviceNode: Int?,
    deviceReason: String?, hugePages: String, vcpuCore: String? = nil, ioCore: String? = nil
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
    self.vcpuCore = vcpuCore
    self.ioCore = ioCore
  }

  /// What differs between two runs that makes a ratio, a phrase each. Empty where one of them kept no placement.
  public static func differences(_ base: PlacementRecord?, _ head: PlacementRecord?) -> [String] {
    guard let base, let head else { return [] }
    func text(_ number: Int?) -> String { number.map(String.init) ?? "none" }
    let fields: [(String, String, String)] = [
      ("the workload's CPU is", text(base.vcpu), text(head.vcpu)),
      ("the I/O thread's CPU is", text(base.io), text(head.io)),
      ("the workload's core is of kind", base.vcpuCore ?? "unknown", head.vcpuCore ?? "unknown"),
      ("the I/O thread's core is of kind", base.ioCore ?? "unknown", head.ioCore ?? "unknown"),
      ("the memory's node is", text(base.memoryNode), text(head.memoryNode)),
    ]
    return fields.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1) in the base, \($0.2) in the head" }
  }
}
