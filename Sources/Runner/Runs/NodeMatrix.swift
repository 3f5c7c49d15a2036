import Definitions
import LinuxSystem
import Topology

/// Every workload of a suite with its threads on each NUMA node and its memory on each.
enum NodeMatrix {
  /// A suite whose entries have placements, or why the host has no use for them.
  /// - Throws: `Unavailable` on hosts where all memory is equally far, and where no node has two CPUs for a leg.
  static func expand(
    _ suite: Suite, allowed: [Int], topology: CPUTopology, nodes: [NUMANode]
  ) throws(Unavailable) -> Suite {
    let withMemory = nodes.filter { $0.memory > 0 }
    guard withMemory.count > 1 else {
      let count = withMemory.count == 1 ? "one (\(withMemory[0].id))" : "none"
      throw Unavailable("a matrix of NUMA nodes needs two nodes with memory; this host has \(count)")
    }
    var pairs: [(node: Int, placement: Placement)] = []
    for node in nodes {
      let cpus = allowed.filter { node.cpus.contains($0) }
      if let placement = try? Placement(.sameNode, allowed: cpus, topology: topology, nodes: nodes) {
        pairs.append((node.id, placement))
      }
    }
    guard !pairs.isEmpty else {
      throw Unavailable("no NUMA node has two CPUs that this process may use (it may use \(CPUList(allowed)))")
    }
    var suite = suite
    suite.entries = suite.entries.flatMap { entry in
      pairs.flatMap { pair in
        withMemory.map { memory in
          entry.placed(
            at: EntryPlacement(vcpu: pair.placement.vcpu, io: pair.placement.io, node: pair.node, memory: memory.id))
        }
      }
    }
    return suite
  }
}
