/// The CPU of the virtual CPU's thread and that of the I/O thread.
public struct Placement: Equatable, Sendable {
  /// Runs the guest, and the native leg's workload.
  public let vcpu: Int
  /// Runs the I/O thread.
  public let io: Int

  /// Chooses two CPUs, the same ones for the same input.
  /// - Parameters:
  ///   - allowed: CPUs that the process may use (`CPUAffinity.allowed()`); those that are offline are ignored.
  ///   - topology: of the host.
  /// - Throws: `PlacementError` when there are no two such CPUs.
  public init(
    _ policy: PlacementPolicy = .sameNode, allowed: [Int], topology: CPUTopology
  ) throws(PlacementError) {
    let usable = topology.cpus.filter { allowed.contains($0.id) }
    if case .explicit(let vcpu, let io) = policy {
      guard vcpu != io else { throw .sameCPU(vcpu) }
      for cpu in [vcpu, io] where !usable.contains(where: { $0.id == cpu }) {
        throw .notAllowed(cpu, usable.map(\.id))
      }
      (self.vcpu, self.io) = (vcpu, io)
      return
    }
    guard usable.count >= 2 else { throw .oneCPU(usable.map(\.id)) }
    guard let pair = Self.best(of: usable, policy) else {
      throw policy == .siblings ? .noSiblings(usable.map(\.id)) : .noSharedNode(usable.map(\.id))
    }
    (vcpu, io) = pair
  }

  /// The first pair, by number, of the lowest rank.
  private static func best(of cpus: [LogicalCPU], _ policy: PlacementPolicy) -> (Int, Int)? {
    var best: (rank: Int, pair: (Int, Int))?
    for (index, first) in cpus.enumerated() {
      for second in cpus[(index + 1)...] {
        guard let rank = rank(first, second, policy) else { continue }
        if rank == 0 { return (first.id, second.id) }
        if best.map({ rank < $0.rank }) ?? true { best = (rank, (first.id, second.id)) }
      }
    }
    return best?.pair
  }

  /// How well a pair suits a policy: 0 is best, nil is not at all.
  private static func rank(_ first: LogicalCPU, _ second: LogicalCPU, _ policy: PlacementPolicy) -> Int? {
    let sameCore = first.siblings.contains(second.id)
    let sameNode = first.node == second.node
    switch policy {
    case .sameNode: return sameNode ? (sameCore ? 1 : 0) : nil
    case .siblings: return sameCore ? 0 : nil
    case .spread, .explicit:
      if !sameNode { return 0 }
      if first.package != second.package { return 1 }
      return sameCore ? 3 : 2
    }
  }
}
