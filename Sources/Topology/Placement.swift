/// The CPU of the virtual CPU's thread and that of the I/O thread, those of further threads, and the node of the memory.
public struct Placement: Equatable, Sendable {
  /// Runs the guest, and the native leg's workload.
  public let vcpu: Int
  /// Runs the I/O thread.
  public let io: Int
  /// Further CPUs of the first one's node and kind, for threads of legs that have several: those whose core none of the others has
  /// come first.
  public let others: [Int]
  /// The NUMA node of guest RAM and of the native leg's arena; nil where the host tells no nodes.
  public let memory: Int?
  /// The node that was asked for the device; nil where none was.
  public let device: Int?

  /// Chooses CPUs and a node, the same ones for the same input.
  /// - Parameters:
  ///   - policy: where the threads and the memory are to be with respect to each other.
  ///   - allowed: CPUs that the process may use (`CPUAffinity.allowed()`); those that are offline are ignored.
  ///   - topology: of the host.
  ///   - nodes: the host's nodes; those without memory hold none of a leg's.
  ///   - device: the node of the disk's or interface's device, which the default plan prefers; nil where it is unknown.
  /// - Throws: `PlacementError` when the host has no such CPUs or nodes.
  public init(
    _ policy: PlacementPolicy = .sameNode, allowed: [Int], topology: CPUTopology, nodes: [NUMANode] = [],
    device: Int? = nil
  ) throws(PlacementError) {
    let usable = topology.cpus.filter { allowed.contains($0.id) }
    let nodes = nodes.filter { $0.memory > 0 }
    self.device = try Self.check(policy, usable: usable.map(\.id), nodes: nodes.map(\.id))
    guard usable.count >= 2 else { throw .oneCPU(usable.map(\.id)) }
    guard let pair = Self.best(of: usable, policy, device: device) else {
      throw policy == .siblings ? .noSiblings(usable.map(\.id)) : .noSharedNode(usable.map(\.id))
    }
    (vcpu, io) = (pair.0.id, pair.1.id)
    others = Self.others(usable, beside: pair)
    memory = Self.memory(policy, cpu: pair.0, nodes)
  }

  /// Those that are like the first of a pair, in the order in which threads get them.
  private static func others(_ usable: [LogicalCPU], beside pair: (LogicalCPU, LogicalCPU)) -> [Int] {
    var taken = Set(pair.0.siblings + pair.1.siblings)
    var (apart, crowded): ([Int], [Int]) = ([], [])
    for cpu in usable where cpu.id != pair.0.id && cpu.id != pair.1.id {
      guard cpu.node == pair.0.node, cpu.kind == pair.0.kind else { continue }
      if taken.isDisjoint(with: cpu.siblings) { apart.append(cpu.id) } else { crowded.append(cpu.id) }
      taken.formUnion(cpu.siblings)
    }
    return apart + crowded
  }

  /// Whether what the policy names is there; the node that it asks of the device.
  private static func check(
    _ policy: PlacementPolicy, usable: [Int], nodes: [Int]
  ) throws(PlacementError) -> Int? {
    if policy == .remoteNode, nodes.count < 2 { throw .oneNode(nodes) }
    guard case .explicit(let vcpu, let io, let memory, let device) = policy else { return nil }
    if let vcpu, vcpu == io { throw .sameCPU(vcpu) }
    for cpu in [vcpu, io].compactMap({ $0 }) where !usable.contains(cpu) { throw .notAllowed(cpu, usable) }
    for node in [memory, device].compactMap({ $0 }) where !nodes.contains(node) { throw .noNode(node, nodes) }
    return device
  }

  /// The node of the memory for a workload on a CPU.
  private static func memory(_ policy: PlacementPolicy, cpu: LogicalCPU, _ nodes: [NUMANode]) -> Int? {
    if case .explicit(_, _, let memory?, _) = policy { return memory }
    guard policy == .remoteNode else { return nodes.contains { $0.id == cpu.node } ? cpu.node : nodes.first?.id }
    let others = nodes.filter { $0.id != cpu.node }
    let place = nodes.firstIndex { $0.id == cpu.node }
    func distance(_ node: NUMANode) -> Int {
      place.flatMap { $0 < node.distances.count ? node.distances[$0] : nil } ?? 0
    }
    return others.max { (distance($0), $1.id) < (distance($1), $0.id) }?.id
  }

  /// The first pair, by number, of the lowest rank.
  private static func best(
    of cpus: [LogicalCPU], _ policy: PlacementPolicy, device: Int?
  ) -> (LogicalCPU, LogicalCPU)? {
    var best: (rank: Int, pair: (LogicalCPU, LogicalCPU))?
    for first in cpus {
      for second in cpus where second.id != first.id {
        guard let rank = rank(first, second, policy, device: device) else { continue }
        if best.map({ rank < $0.rank }) ?? true { best = (rank, (first, second)) }
        if rank == 0 { return best?.pair }
      }
    }
    return best?.pair
  }

  /// How well a pair suits a policy: 0 is best, nil is not at all.
  private static func rank(
    _ first: LogicalCPU, _ second: LogicalCPU, _ policy: PlacementPolicy, device: Int?
  ) -> Int? {
    // A comparison across kinds of cores would compare the cores: only who names both CPUs gets it.
    if first.kind != second.kind {
      guard case .explicit(.some, .some, _, _) = policy else { return nil }
    }
    let sameCore = first.siblings.contains(second.id)
    let sameNode = first.node == second.node
    // Being near the device weighs more than a core of one's own: it changes what every request costs.
    let far = device.map { first.node == $0 ? 0 : 2 } ?? 0
    switch policy {
    case .sameNode, .remoteNode: return sameNode ? far + (sameCore ? 1 : 0) : nil
    case .siblings: return sameCore ? far : nil
    case .spread:
      if !sameNode { return 0 }
      if first.package != second.package { return 1 }
      return sameCore ? 3 : 2
    case .explicit(let vcpu, let io, let memory, let wanted):
      guard vcpu ?? first.id == first.id, io ?? second.id == second.id else { return nil }
      let remote = memory.map { first.node == $0 ? 0 : 8 } ?? 0
      let away = (wanted ?? device).map { second.node == $0 ? 0 : 4 } ?? 0
      return remote + away + (sameNode ? 0 : 2) + (sameCore ? 1 : 0)
    }
  }
}
