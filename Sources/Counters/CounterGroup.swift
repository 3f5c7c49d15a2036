/// Events that are opened together, and on which threads of a leg.
public struct CounterGroup: Sendable {
  /// Threads of a leg.
  public enum Threads: Sendable {
    /// Every thread.
    case all
    /// Threads that run guest code.
    case vcpus
    /// Threads that run none.
    case others
  }

  public let kinds: [PerfEventKind]
  public let side: PerfSide
  public let threads: Threads

  public init(_ kinds: [PerfEventKind], side: PerfSide = .both, on threads: Threads = .all) {
    (self.kinds, self.side, self.threads) = (kinds, side, threads)
  }
}
