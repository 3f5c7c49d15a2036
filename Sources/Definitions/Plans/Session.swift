import Results

/// Legs that share a boot: one machine in one mode, the legs in the order in which they run.
public struct Session: Sendable {
  public let path: Path
  /// Never empty.
  public let legs: [PlannedLeg]

  public init(path: Path, legs: [PlannedLeg]) {
    precondition(!legs.isEmpty, "a session has a leg")
    self.path = path
    self.legs = legs
  }

  /// A session of those of its legs that are to run again; nil where none is, or where they have been repeated already.
  /// - Parameters:
  ///   - disturbed: the legs that are to run again, of this session.
  ///   - legCount: legs of the plan, whose job numbers are taken.
  public func repetition(of disturbed: [PlannedLeg], after legCount: Int) -> Session? {
    let again = disturbed.filter { $0.attempt == 1 }.map { $0.repeated(after: legCount) }
    return again.isEmpty ? nil : Session(path: path, legs: again)
  }

  /// Parts a session that ended before all its legs were answered: the first leg without an answer is the one that it ended in, and
  /// the legs behind it never began.
  /// - Parameter answered: job numbers of the legs with an answer.
  /// - Returns: what was begun, and what was not: nil where nothing is left, or nothing of it can be measured by itself.
  public func parted(answered: Set<UInt32>) -> (begun: Session, rest: Session?) {
    guard !measuresBoot, let last = legs.firstIndex(where: { !answered.contains($0.job) }) else { return (self, nil) }
    let rest = legs[(last + 1)...].filter { !answered.contains($0.job) }
    guard !rest.isEmpty else { return (self, nil) }
    return (
      Session(path: path, legs: legs.filter { leg in !rest.contains { $0.job == leg.job } }),
      Session(path: path, legs: rest)
    )
  }

  /// The disk that this session boots with; nil where there is none. Its leg boots alone.
  public var disk: DiskSpecification? { legs.first?.entry.disk }

  /// How many work on that disk at once.
  public var concurrency: Concurrency { disk?.concurrency ?? .single }

  /// Whether a leg changes what is on the disk.
  public var writesDisk: Bool { legs.contains { $0.entry.definition.writes } }

  /// The network interface that this session boots with; nil where there is none. Its leg boots alone.
  public var net: NetSpecification? { legs.first?.entry.net }

  /// What the session does under Linux, where that is what it does. Its leg boots alone.
  public var linux: LinuxSpecification? { legs.first?.entry.linux }

  /// Whether the second CPU belongs to an I/O thread. An operating system has one processor, whatever devices it has.
  public var hasDevice: Bool { disk != nil || net != nil || linux != nil }

  /// The CPUs and the node that the session has of its own; nil where it runs where all do.
  public var placement: EntryPlacement? { legs.first?.entry.placement }

  /// Guests that the session starts at once; nil for one.
  public var crowd: Int? { legs.first?.entry.crowd }

  /// Whether the boot itself is what is measured.
  public var measuresBoot: Bool { legs.contains { $0.entry.isBoot } }
}
