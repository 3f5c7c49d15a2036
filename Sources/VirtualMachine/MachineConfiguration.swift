import LinuxSystem

/// What a machine is made of.
public struct MachineConfiguration: Sendable {
  /// Bytes of RAM, a multiple of 2 MiB.
  public var memory: UInt64
  /// Which pages back the RAM.
  public var pages: MemoryPages
  /// The host CPU of each vCPU's thread; nil leaves one to the scheduler. Its count is the number of vCPUs.
  public var vcpuCPUs: [Int?]
  /// The host CPU of threads that serve devices; nil when the host has none to spare.
  public var ioCPU: Int?
  /// The disk; nil for a machine without one.
  public var disk: DiskConfiguration?
  /// The network interface; nil for a machine without one.
  public var net: NetConfiguration?
  /// TSC ticks that a calibration adds to every exit that user space answers; 0 everywhere else.
  public var exitDelay: UInt64

  public init(
    memory: UInt64 = 256 << 20, pages: MemoryPages = .transparent, vcpuCPUs: [Int?] = [nil], ioCPU: Int? = nil,
    disk: DiskConfiguration? = nil, net: NetConfiguration? = nil, exitDelay: UInt64 = 0
  ) {
    precondition(!vcpuCPUs.isEmpty, "a machine has a vCPU")
    self.memory = memory
    self.pages = pages
    self.vcpuCPUs = vcpuCPUs
    self.ioCPU = ioCPU
    self.disk = disk
    self.net = net
    self.exitDelay = exitDelay
  }
}
