import Counters
import LinuxSystem
import Results

/// What to measure: workloads with parameters, machines, blocks and times. Read from YAML.
public struct Suite: Sendable {
  public var name: String
  public var summary: String
  /// Blocks, 1 or more.
  public var blocks: Int
  /// Blocks by which the run may grow if a blocking claim is undecided after ``blocks``; 0 for no extension.
  public var extend: Int
  /// Confidence level of the intervals.
  public var level: Double
  /// Nanoseconds.
  public var warmup: UInt64
  public var window: UInt64
  /// Bytes of guest RAM, and of the native leg's arena.
  public var memory: UInt64
  /// Bytes of the disk that block workloads use.
  public var disk: UInt64
  public var entries: [SuiteEntry]
  /// Which pages guest RAM and the native arena get.
  public var pages = MemoryPages.transparent
  /// Whether every workload runs with its threads on each node and its memory on each.
  public var isNodeMatrix = false
  /// What is counted beside what is always there.
  public var counters: CounterSelection = .standard
  /// How long the window of a turn is.
  public var turn = TurnLength.standard

  /// A suite that no file holds.
  public init(
    name: String, summary: String = "", blocks: Int, extend: Int = 0, level: Double = 0.95, warmup: UInt64,
    window: UInt64, memory: UInt64, disk: UInt64 = 0, entries: [SuiteEntry]
  ) {
    self.name = name
    self.summary = summary
    self.blocks = blocks
    self.extend = extend
    self.level = level
    self.warmup = warmup
    self.window = window
    self.memory = memory
    self.disk = disk
    self.entries = entries
  }

  /// How the legs of a group take turns; nil where the suite has none.
  public func turns(_ group: SessionGroup) -> TurnPlan? {
    switch turn {
    case .none: nil
    case .standard: TurnPlan(length: TurnPlan.standardLength(group.sessions[0].legs[0].entry), window: window)
    case .nanoseconds(let length): TurnPlan(length: length, window: window)
    }
  }
}
