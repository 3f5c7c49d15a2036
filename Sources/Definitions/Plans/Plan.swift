import Results
import Statistics

/// Every group of sessions of a run, in order, those of a declared extension and of spare blocks last. The same suite and seed always
/// give the same plan, and what comes last does not change what comes before it.
public struct Plan: Sendable {
  public let suite: Suite
  public let seed: UInt64
  public let groups: [SessionGroup]

  /// Draws the order. Workloads that have a native leg boot one by one, so that the legs of a comparison follow each other
  /// closely; the others share one boot for each machine and mode.
  /// - Parameters:
  ///   - suite: with its blocks and those that it may be extended by.
  ///   - seed: decides the order, and the data of every leg.
  ///   - side: of runs with one seed that take turns over one disk, which of them.
  ///   - spare: blocks besides the suite's, for those that the host spoils.
  public init(_ suite: Suite, seed: UInt64, side: UInt32 = 0, spare: Int = 0) {
    self.suite = suite
    self.seed = seed
    var random = SeededRandom(seed: seed)
    var groups: [SessionGroup] = []
    var job: UInt32 = 0
    for block in 0..<(suite.blocks + suite.extend + spare) {
      let dataSeed = random.next()
      for group in random.shuffled(Self.groups(suite)) {
        var sessions: [Session] = []
        let boots = group.flatMap { entries in Self.paths(of: entries).map { (path: $0, entries: entries) } }
        for (path, sharing) in random.shuffled(boots) {
          let entries = random.shuffled(sharing.filter { $0.paths.contains(path) })
          var legs: [PlannedLeg] = []
          for entry in entries {
            job += 1
            legs.append(PlannedLeg(block: block, path: path, entry: entry, job: job, seed: dataSeed, side: side))
          }
          sessions.append(Session(path: path, legs: legs))
        }
        groups.append(SessionGroup(sessions))
      }
    }
    self.groups = groups
  }

  /// Every session, in order.
  public var sessions: [Session] { groups.flatMap(\.sessions) }

  /// Entries by group, and in it those that share their boots.
  private static func groups(_ suite: Suite) -> [[[SuiteEntry]]] {
    var groups: [[[SuiteEntry]]] = []
    // Variants of a workload are to be held against each other, each in boots of its own.
    var variants: [Workload: Int] = [:]
    for entry in suite.entries where entry.kind != .exits {
      let shared = entry.workload.with(suite.against)
      if let index = variants[shared] {
        groups[index].append([entry])
      } else {
        variants[shared] = groups.count
        groups.append([[entry]])
      }
    }
    var guestOnly = suite.entries.filter { $0.kind == .exits }
    // A boot has one place: workloads of another place in a matrix of nodes get another boot.
    while let first = guestOnly.first {
      groups.append([guestOnly.filter { $0.placement == first.placement }])
      guestOnly.removeAll { $0.placement == first.placement }
    }
    return groups
  }

  private static func paths(of group: [SuiteEntry]) -> [Path] {
    var paths: [Path] = []
    for path in group.flatMap(\.paths) where !paths.contains(path) { paths.append(path) }
    return paths
  }

  /// Legs of a number of blocks.
  public func legCount(blocks: Int) -> Int {
    sessions.reduce(0) { $0 + $1.legs.count { $0.block < blocks } }
  }

  /// Legs of every block, those of an extension and spare ones included: the job numbers that are taken.
  public var jobCount: Int { groups.reduce(0) { $0 + $1.legCount } }
}
