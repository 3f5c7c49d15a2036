import Probe
import Results
import Statistics

/// One leg that is to run.
public struct PlannedLeg: Sendable {
  public let block: Int
  public let path: Path
  public let entry: Suite.Entry
  /// Names the job in the probe's records, from 1; unique within the run, so that no leg's writes look like another's.
  public let job: UInt32
  /// Seed of the workload's data: the same on every machine and in every mode of a block.
  public let seed: UInt64

  /// Unique within the run.
  public var id: String {
    let parameters = entry.parameters.sorted { $0.key < $1.key }.map { ".\($0.key)=\($0.value)" }.joined()
    return "\(block)-\(entry.workload)\(parameters)-\(path.machine.rawValue)-\(path.mode.rawValue)"
  }
}

/// Legs that share a boot: one machine in one mode, the legs in the order in which they run.
public struct Session: Sendable {
  public let path: Path
  public let legs: [PlannedLeg]

  /// The disk workload that this session boots for; nil where there is none. It boots alone.
  var block: Suite.Entry? {
    legs.first.map(\.entry).flatMap { WorkloadCatalog[$0.workload]?.kind == .block ? $0 : nil }
  }
}

/// Every session of a run, in order, those of a declared extension last. The same suite and seed always give the same plan,
/// and an extension does not change what comes before it.
public struct Plan: Sendable {
  public let suite: Suite
  public let seed: UInt64
  public let sessions: [Session]

  /// Draws the order. Workloads that have a native leg boot one by one, so that the legs of a comparison follow each other
  /// closely; the others share one boot for each machine and mode.
  public init(_ suite: Suite, seed: UInt64) {
    self.suite = suite
    self.seed = seed
    var random = SeededRandom(seed: seed)
    var sessions: [Session] = []
    var job: UInt32 = 0
    for block in 0..<(suite.blocks + suite.extend) {
      let dataSeed = random.next()
      var groups: [[Suite.Entry]] = []
      var guestOnly: [Suite.Entry] = []
      for entry in suite.entries {
        if WorkloadCatalog[entry.workload]?.kind == .exits { guestOnly.append(entry) } else { groups.append([entry]) }
      }
      if !guestOnly.isEmpty { groups.append(guestOnly) }
      for group in random.shuffled(groups) {
        for path in random.shuffled(Self.paths(of: group)) {
          let entries = random.shuffled(group.filter { Self.runs($0, on: path) })
          var legs: [PlannedLeg] = []
          for entry in entries {
            job += 1
            legs.append(PlannedLeg(block: block, path: path, entry: entry, job: job, seed: dataSeed))
          }
          sessions.append(Session(path: path, legs: legs))
        }
      }
    }
    self.sessions = sessions
  }

  /// Legs of a number of blocks.
  public func legCount(blocks: Int) -> Int {
    sessions.reduce(0) { $0 + $1.legs.count { $0.block < blocks } }
  }

  private static func paths(of group: [Suite.Entry]) -> [Path] {
    var paths: [Path] = []
    for entry in group {
      for path in WorkloadCatalog[entry.workload]?.paths ?? [] where runs(entry, on: path) && !paths.contains(path) {
        paths.append(path)
      }
    }
    return paths
  }

  private static func runs(_ entry: Suite.Entry, on path: Path) -> Bool {
    guard entry.machines.contains(path.machine), WorkloadCatalog[entry.workload]?.paths.contains(path) ?? false else {
      return false
    }
    // Programmed I/O is a way of emulated disks; buses and rings are ways of virtio ones.
    if entry.parameters["transfer"] != nil { return path.mode == .native || path.mode == .emulated }
    if entry.parameters["transport"] != nil || entry.parameters["ring"] != nil { return path.mode != .emulated }
    return true
  }
}

extension Session {
  /// What the probe's command line says about the disk: the driver to use and the rings to ask for.
  var diskWords: String {
    guard let entry = block else { return "block=none" }
    let ring = entry.parameters["ring"].map { " block_ring=\($0)" } ?? ""
    if path.mode == .emulated { return "block=ide-\(entry.parameters["transfer"] ?? "dma")" }
    return "block=\(entry.parameters["transport"] ?? "mmio")\(ring)"
  }
}
