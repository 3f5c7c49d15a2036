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
  /// Lengths that a calibration of this host found best, nanoseconds, for turns of the standard length.
  public var turnLengths: [Workload: UInt64] = [:]
  /// Nanoseconds between two ticks of the host's scheduler, of which a guest's turn of the standard length is half at least; 0 where
  /// it is not known.
  public var tick: UInt64 = 0
  /// Parameters of the workloads that others are held against besides: one that is the same but for these takes turns with the one
  /// that has these values, and is compared with it on its own path. Empty for none.
  public var against: [String: ParameterValue] = [:]
  /// What guests of workloads under Linux boot; nil where there are none.
  public var guest: LinuxGuest?
  /// The folder of the suite's file, where files that it names are looked for besides the current folder.
  public var folder = "."
  /// Factor by which windows, warm-up and disk differ from what the suite's file says; 1 for none.
  public private(set) var scale: Double = 1

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

  /// Where a file is that the suite names: in the current folder, or else in that of the suite's own file.
  public func path(of name: String) -> String {
    let beside = "\(folder)/\(name)"
    return name.hasPrefix("/") || AtomicFile.exists(name) || !AtomicFile.exists(beside) ? name : beside
  }

  /// Nanoseconds that a leg of an entry measures.
  public func window(of entry: SuiteEntry) -> UInt64 { entry.window ?? window }

  /// The longest that any of its legs measures.
  public var longestWindow: UInt64 { entries.map(window(of:)).max() ?? window }

  /// How the legs of a group take turns; nil where the suite has none.
  public func turns(_ group: SessionGroup) -> TurnPlan? {
    let window = group.entries.map(self.window(of:)).max() ?? self.window
    return switch turn {
    case .none: nil
    case .standard:
      TurnPlan(length: standardLength(group), window: window)
    case .nanoseconds(let length): TurnPlan(length: length, window: window)
    }
  }

  private func standardLength(_ group: SessionGroup) -> UInt64 {
    let length = group.entries.map { turnLengths[$0.workload] ?? TurnPlan.standardLength($0) }.max() ?? 0
    // Native legs alone are met by ticks alike.
    let hasGuest = group.sessions.contains { !$0.path.isNative }
    return hasGuest ? max(length, TurnPlan.leastLength(tick: tick)) : length
  }
}

extension Suite {
  /// What a result keeps of it.
  public var record: SuiteRecord {
    let turn =
      switch turn {
      case .none: "none"
      case .standard: "standard"
      case .nanoseconds(let length): "\(length)"
      }
    var record = SuiteRecord(
      warmup: warmup, window: window, turn: turn, memory: memory, disk: disk, pages: pages.rawValue,
      entries: entries.map {
        SuiteRecord.Entry(workload: $0.workload, window: $0.window, paths: $0.paths.map(\.description))
      })
    record.guest = guest.map { SuiteRecord.Guest(kernel: $0.kernel, initrd: $0.initrd, append: $0.append) }
    return record
  }

  /// Factors that make sense.
  public static let scales: ClosedRange<Double> = 0.01...100

  private static let leastWindow: UInt64 = 1_000_000
  /// A disk on which sixteen of the largest requests in flight still have places of their own.
  private static let leastDisk: UInt64 = 16 << 20

  /// The same with windows, warm-up and disk multiplied by a factor. No window of 1 ms and more becomes shorter than that, no disk smaller than
  /// 16 MiB, and a disk stays a multiple of 2 MiB. What the workloads work on besides, memory above all, stays as it is: their
  /// parameters name it.
  /// - Parameter factor: of ``scales``.
  public func scaled(by factor: Double) -> Suite {
    precondition(Self.scales.contains(factor), "a factor from 0.01 to 100")
    var suite = self
    suite.scale = scale * factor
    suite.warmup = UInt64(Double(warmup) * factor)
    func scaled(_ window: UInt64) -> UInt64 { max(min(window, Self.leastWindow), UInt64(Double(window) * factor)) }
    suite.window = scaled(window)
    for index in suite.entries.indices { suite.entries[index].window = suite.entries[index].window.map(scaled) }
    let page = UInt64(MemoryPages.hugeSize)
    suite.disk = max(min(disk, Self.leastDisk), UInt64(Double(disk) * factor) / page * page)
    return suite
  }

  /// The same on fewer machines; workloads that are left without one are left out.
  public func restricted(to machines: Set<Machine>) -> Suite {
    var suite = self
    suite.entries = entries.compactMap { entry in
      let kept = entry.machines.intersection(machines)
      return kept.isEmpty ? nil : entry.restricted(to: kept)
    }
    return suite
  }
}
