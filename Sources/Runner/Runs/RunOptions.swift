import LinuxSystem
import Machines
import Results
import Topology
import Verdicts

extension Run {
  /// What the caller decides.
  public struct Options: Sendable {
    public var seed: UInt64
    /// The command line, for the record.
    public var command: [String]
    public var tool: ToolRecord
    public var placement: PlacementPolicy
    /// Pages of guest RAM and native arena; nil leaves it to the suite.
    public var pages: MemoryPages?
    /// A probe image other than the one that was built with the program.
    public var probe: String?
    /// Where the disk image of block workloads is made: a file system that has room and supports O_DIRECT.
    public var diskDirectory: String
    /// The disk that was there before the run; nil makes one.
    public var disk: GivenDisk?
    /// Claims that the run decides, where they speak of what it measures.
    public var claims: [Claim]
    /// A slowdown on purpose; nil to measure the host.
    public var injection: InjectionRecord?
    /// Seconds after which the run ends, if its claims were not decided before; nil for the suite's number of blocks.
    public var atMost: Double?
    /// Who paces the run; nil for one that goes on by itself.
    public var pacer: Pacer?
    /// What is there of the run that goes on; nil for one that begins.
    public var kept: KeptRun?
    /// What a calibration of a host, by its fingerprint, found; nil where there was none.
    public var calibration: @Sendable (String) -> CalibrationRecord?

    public init(
      seed: UInt64, command: [String], tool: ToolRecord, placement: PlacementPolicy = .sameNode,
      pages: MemoryPages? = nil, probe: String? = nil, diskDirectory: String = "/var/tmp", claims: [Claim] = [],
      injection: InjectionRecord? = nil, atMost: Double? = nil, pacer: Pacer? = nil,
      calibration: @escaping @Sendable (String) -> CalibrationRecord? = { _ in nil }
    ) {
      self.seed = seed
      self.command = command
      self.tool = tool
      self.placement = placement
      self.pages = pages
      self.probe = probe
      self.diskDirectory = diskDirectory
      self.claims = claims
      self.injection = injection
      self.atMost = atMost
      self.pacer = pacer
      self.calibration = calibration
    }
  }
}
