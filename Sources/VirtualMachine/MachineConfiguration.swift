/// What a machine is made of.
public struct MachineConfiguration: Sendable {
  /// Bytes of RAM, a multiple of 2 MiB.
  public var memory: UInt64
  /// Whether to ask for transparent huge pages.
  public var hugePages: Bool
  /// The host CPU of each vCPU's thread; nil leaves one to the scheduler. Its count is the number of vCPUs.
  public var vcpuCPUs: [Int?]
  /// The host CPU of threads that serve devices; nil when the host has none to spare.
  public var ioCPU: Int?
  /// The disk; nil for a machine without one.
  public var disk: DiskConfiguration?
  /// The network interface; nil for a machine without one.
  public var net: NetConfiguration?

  public init(
    memory: UInt64 = 256 << 20, hugePages: Bool = true, vcpuCPUs: [Int?] = [nil], ioCPU: Int? = nil,
    disk: DiskConfiguration? = nil, net: NetConfiguration? = nil
  ) {
    precondition(!vcpuCPUs.isEmpty, "a machine has a vCPU")
    self.memory = memory
    self.hugePages = hugePages
    self.vcpuCPUs = vcpuCPUs
    self.ioCPU = ioCPU
    self.disk = disk
    self.net = net
  }
}
