import Probe
import Results
import Statistics

/// One leg that is to run.
public struct PlannedLeg: Sendable {
  public let block: Int
  public let path: Path
  public let entry: Suite.Entry
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
}

/// Every session of a run, in order. The same suite and seed always give the same plan.
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
    for block in 0..<suite.blocks {
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
          sessions.append(
            Session(path: path, legs: entries.map { PlannedLeg(block: block, path: path, entry: $0, seed: dataSeed) }))
        }
      }
    }
    self.sessions = sessions
  }

  /// Legs in all.
  public var legCount: Int { sessions.reduce(0) { $0 + $1.legs.count } }

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
    entry.machines.contains(path.machine) && (WorkloadCatalog[entry.workload]?.paths.contains(path) ?? false)
  }
}
