import LinuxSystem

/// What a machine is made of.
public struct MachineConfiguration: Sendable {
  /// Bytes of RAM, a multiple of 2 MiB.
  public var memory: UInt64
  /// Which pages back the RAM.
  public var pages: MemoryPages
  /// The host CPU of each vCPU's thread; nil leaves one to the scheduler. Its count is the number of vCPUs.
  public var vcpuCPUs: [Int?]
  /// The host CPUs of threads that serve devices: of each device the first thread has the first, and so on, from the first again where
  /// there are more. Never empty; nil when the host has none to spare.
  public var ioCPUs: [Int?]
  /// What it is besides disks and network interfaces.
  public var platform: Platform
  public var disks: [DiskConfiguration]
  public var nets: [NetConfiguration]
  /// TSC ticks that a calibration adds to every exit that user space answers; 0 everywhere else.
  public var exitDelay: UInt64
  /// Whether a PC has what suites for virtual machines test it with: see `PCPlatform.attachTestDevices`.
  public var hasTestDevices = false
  /// What a PC's processors start in; nil for one that a kernel is loaded into.
  public var firmware: FirmwareImage?
  /// Seconds for which that firmware waits for the key to its menu of what to boot; nil for no menu.
  public var bootMenuSeconds: Int?

  /// Whether another process has to have the guest's RAM too.
  var sharesMemory: Bool { disks.contains { $0.attachment == .vhostUser } }

  public enum Platform: Sendable {
    /// What the probe needs: its own test device and ports beside a serial port that raises no interrupt.
    case probe
    /// What an operating system expects of a PC: ACPI tables, timers, clocks, a keyboard controller, a PCI bus.
    case pc
  }

  public init(
    memory: UInt64 = 256 << 20, pages: MemoryPages = .transparent, vcpuCPUs: [Int?] = [nil], ioCPU: Int? = nil,
    platform: Platform = .probe, disks: [DiskConfiguration] = [], nets: [NetConfiguration] = [], exitDelay: UInt64 = 0
  ) {
    precondition(!vcpuCPUs.isEmpty, "a machine has a vCPU")
    self.memory = memory
    self.pages = pages
    self.vcpuCPUs = vcpuCPUs
    ioCPUs = [ioCPU]
    self.platform = platform
    self.disks = disks
    self.nets = nets
    self.exitDelay = exitDelay
  }
}
