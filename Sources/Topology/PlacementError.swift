/// Why the two threads cannot be placed as asked.
public enum PlacementError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The process may use one CPU only, or none.
  case oneCPU([Int])
  /// No two allowed CPUs are hardware threads of one core.
  case noSiblings([Int])
  /// No two allowed CPUs lie on the same NUMA node.
  case noSharedNode([Int])
  /// The CPU was asked for but is offline, or the process may not use it.
  case notAllowed(Int, [Int])
  /// The same CPU was asked for twice.
  case sameCPU(Int)
  /// Another node is needed, and the host has these only.
  case oneNode([Int])
  /// The node was asked for but has no memory or is not there.
  case noNode(Int, [Int])

  public var description: String {
    switch self {
    case .oneCPU(let allowed):
      "one CPU (\(CPUList(allowed))): polled modes need two. Allow a second one to this process (taskset, cpuset)"
    case .noSiblings(let allowed):
      "no two of the CPUs \(CPUList(allowed)) share a core: choose the placement same-node or enable SMT"
    case .noSharedNode(let allowed):
      "no two of the CPUs \(CPUList(allowed)) share a NUMA node: choose the placement spread or allow more CPUs"
    case .notAllowed(let cpu, let allowed):
      "CPU \(cpu) is offline or not allowed to this process, which may use \(CPUList(allowed))"
    case .sameCPU(let cpu):
      "CPU \(cpu) was asked for twice: the virtual CPU and the I/O thread need one each"
    case .oneNode(let nodes):
      "remote-node: this host has \(nodes.count == 1 ? "one NUMA node (\(nodes[0]))" : "no NUMA nodes"), and it needs two"
    case .noNode(let node, let nodes):
      "NUMA node \(node) is not there or has no memory: this host has "
        + (nodes.isEmpty ? "no nodes" : "\(nodes.count == 1 ? "node" : "nodes") \(CPUList(nodes))")
    }
  }
}
