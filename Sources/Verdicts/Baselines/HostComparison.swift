import Results

/// Whether the results of two hosts may be compared, and in what the hosts differ.
public struct HostComparison: Codable, Sendable, Equatable {
  /// A fact that is not the same on both.
  public struct Difference: Codable, Sendable, Equatable {
    /// The fact's id: `cpu.model`.
    public var fact: String
    /// Its value in the base and in the head; nil where it could not be had.
    public var base: String?
    public var head: String?
    /// Whether it makes the hosts incomparable; else it may be the very change under test, or the state of a moment.
    public var isIdentity: Bool

    /// `kernel.release: 6.12 → 6.13`.
    public var text: String { "\(fact): \(base ?? "unknown") → \(head ?? "unknown")" }
  }

  /// Facts that differ, those that make the hosts incomparable first, then by id.
  public var differences: [Difference]
  /// Whether the fingerprints are equal.
  public var isComparable: Bool

  /// - Parameters:
  ///   - base: the host of the earlier run, or of the baseline.
  ///   - head: the host of the run that is held against it.
  ///   - identity: ids of the facts that enter a fingerprint.
  public init(base: HostRecord, head: HostRecord, identity: [String]) {
    let (ours, theirs) = (Self.facts(base), Self.facts(head))
    let identity = Set(identity)
    differences = Set(ours.keys).union(theirs.keys).compactMap { fact in
      guard ours[fact] != theirs[fact] else { return nil }
      return Difference(fact: fact, base: ours[fact], head: theirs[fact], isIdentity: identity.contains(fact))
    }.sorted { ($0.isIdentity ? 0 : 1, $0.fact) < ($1.isIdentity ? 0 : 1, $1.fact) }
    isComparable = base.fingerprint == head.fingerprint
    if !isComparable, !differences.contains(where: \.isIdentity) {
      // The fact is one that the results do not hold; the fingerprints themselves are all there is to show.
      differences.insert(
        Difference(fact: "fingerprint", base: base.fingerprint, head: head.fingerprint, isIdentity: true), at: 0)
    }
  }

  /// What makes the hosts incomparable, in one line.
  public var obstacle: String {
    differences.filter(\.isIdentity).map {
      "\($0.fact) is \($0.base ?? "unknown") in the base and \($0.head ?? "unknown") in the head"
    }.joined(separator: "; ")
  }

  private static func facts(_ host: HostRecord) -> [String: String] {
    var facts = ["kvm.backend": host.kvm.backend.rawValue]
    for group in [host.cpu, host.numa, host.kernel, host.memory, host.facts ?? [:]] {
      facts.merge(group) { first, _ in first }
    }
    return facts
  }
}
