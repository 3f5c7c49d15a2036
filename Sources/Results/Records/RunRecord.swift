/// What was asked for, and with which tool.
public struct RunRecord: Codable, Sendable, Equatable {
  /// Unique among the runs of a host: letters, digits, `-`, `.`.
  public var id: String
  /// When the run began: ISO 8601, UTC, as in `2026-11-22T10:15:00Z`.
  public var startedAt: String
  public var suite: String
  /// What the suite said; nil in results of versions that did not keep it.
  public var content: SuiteRecord?
  /// Draws the order of the legs and the workloads' data.
  public var seed: Seed
  /// Blocks that were planned, at least 1. An interrupted run has fewer in its legs.
  public var blocks: Int
  /// The command line, element by element, that made the run.
  public var command: [String]
  public var tool: ToolRecord
  /// Confidence level of every interval, above 0 and below 1.
  public var level: Double
  /// The run ended before its plan did; what is here was measured until then.
  public var interrupted: Bool
  public var buildConfiguration: BuildConfiguration
  /// Where the legs ran; nil in results of versions that did not record it.
  public var placement: PlacementRecord?
  /// The limits on noise and what watched them; nil in results of versions that did not record it.
  public var noise: NoiseRecord?
  /// Names the interleaving that the run was half of: blocks of the same number in two results with the same name ran back
  /// to back and form a pair. Nil for a run of its own.
  public var interleaving: String?
  /// Whether the two runs of an interleaving lived at the same time and took turns with each other, round by round; nil where one
  /// was measured after the other, a block at a time.
  public var isPaced: Bool?
  /// The extension that was declared before the run; nil where there was none.
  public var `extension`: ExtensionRecord?
  /// How the run was to end once its claims are decided; nil where the number of its blocks was given.
  public var sequential: SequentialRecord?
  /// The factor by which windows, warm-up and disk differed from the suite's; nil where they did not.
  public var scale: Double?
  /// The slowdown that was added on purpose; nil in every run that measures the host.
  public var injection: InjectionRecord?
  /// By block: nanoseconds to hand a cache line from the workload's CPU to the I/O thread's and back, nil where the two did not meet.
  /// Nil altogether on a host with one CPU, and in results of versions that did not measure it.
  public var handOffs: [Double?]?
  /// The image or device that the run was told to measure on; nil where it made its own.
  public var image: ImageRecord?
  /// What the disk of the legs lay on; nil where none had one.
  public var storage: StorageRecord?
  /// Parameters of the workloads that others were held against besides; nil where there were none.
  public var against: [String: ParameterValue]?
  /// How legs took turns; nil where they ran one after the other.
  public var method: MethodRecord?
  /// How often the run was ended before its plan was and went on from its journal; nil where it never was.
  public var resumptions: [ResumptionRecord]?

  public init(
    id: String, startedAt: String, suite: String, seed: UInt64, blocks: Int, command: [String], tool: ToolRecord,
    level: Double = 0.95, interrupted: Bool = false, buildConfiguration: BuildConfiguration,
    injection: InjectionRecord? = nil, placement: PlacementRecord? = nil, noise: NoiseRecord? = nil
  ) {
    self.id = id
    self.startedAt = startedAt
    self.suite = suite
    self.seed = Seed(seed)
    self.blocks = blocks
    self.command = command
    self.tool = tool
    self.level = level
    self.interrupted = interrupted
    self.buildConfiguration = buildConfiguration
    self.placement = placement
    self.noise = noise
    self.injection = injection
  }
}

/// How the tool was compiled. Figures of a debug build say nothing about a host.
public enum BuildConfiguration: String, Codable, Sendable, CaseIterable {
  case debug, release

  /// The configuration of the code that asks.
  public static var current: BuildConfiguration {
    #if DEBUG
      return .debug
    #else
      return .release
    #endif
  }
}
