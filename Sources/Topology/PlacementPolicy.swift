/// Where the virtual CPU's thread and the I/O thread run with respect to each other.
public enum PlacementPolicy: Equatable, Sendable {
  /// Two cores of one NUMA node; SMT siblings only where a node offers nothing else. The default.
  case sameNode
  /// Two hardware threads of one core.
  case siblings
  /// As far apart as the host allows: other nodes first, then other packages, then other cores.
  case spread
  /// These two CPUs.
  case explicit(vcpu: Int, io: Int)

  /// Parses "same-node", "smt-sibling", "spread" or two CPU numbers "VCPU,IO"; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "same-node": self = .sameNode
    case "smt-sibling": self = .siblings
    case "spread": self = .spread
    default:
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { part in part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil }
      guard parts.count == 2, numbers.count == 2 else { return nil }
      self = .explicit(vcpu: numbers[0], io: numbers[1])
    }
  }
}
