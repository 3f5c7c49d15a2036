import Definitions
import LinuxSystem
import Machines
import Results
import Topology

/// Where a run's legs take place on this host.
struct RunPlacement {
  let policy: PlacementPolicy
  let allowed: [Int]
  let topology: CPUTopology
  let nodes: [NUMANode]
  let cpus: LegCPUs
  let memory: MemoryPlan
  /// The node that was asked for the device; nil where none was.
  let askedDevice: Int?
  /// The node of the disk below the disk directory, or why it is not known.
  let device: Result<Int, Unavailable>

  /// - Throws: `RunError` with one line that says what the host has when it cannot do what was asked.
  init(_ policy: PlacementPolicy, _ suite: Suite, diskDirectory: String) throws(RunError) {
    let usesDisk = suite.entries.contains { $0.disk?.backing.usesFile ?? false }
    let device = Result { () throws(Unavailable) in
      guard usesDisk else { throw Unavailable("no workload of the suite uses a disk") }
      return try DeviceNode.disk(of: diskDirectory)
    }
    do {
      allowed = try CPUAffinity.allowed()
      topology = try CPUTopology()
      nodes = (try? NUMANode.all()) ?? []
      let node = try? device.get()
      if allowed.count == 1, policy == .sameNode {
        // Everything but polled modes can do with one CPU.
        (cpus, askedDevice) = (LegCPUs(workload: allowed[0], io: nil), nil)
        memory = MemoryPlan(pages: suite.pages, node: topology[allowed[0]]?.node, nodeCount: nodes.count)
      } else {
        let placement = try Placement(policy, allowed: allowed, topology: topology, nodes: nodes, device: node)
        (cpus, askedDevice) = (
          LegCPUs(workload: placement.vcpu, io: placement.io, others: placement.others), placement.device
        )
        memory = MemoryPlan(
          pages: suite.pages, node: placement.memory, nodeCount: nodes.count { $0.memory > 0 })
      }
      if let asked = askedDevice, let node, asked != node {
        throw Unavailable(
          "device=\(asked): the disk below \(diskDirectory) hangs on NUMA node \(node). Choose a --disk-directory on "
            + "another disk")
      }
    } catch {
      throw .placement((error as? Unavailable)?.reason ?? "\(error)")
    }
    self.policy = policy
    self.device = device
  }

  /// The suite with a place for each workload where it is a matrix of nodes; with a reason where this host has none.
  func expand(_ suite: Suite) -> (suite: Suite, reason: String?) {
    guard suite.isNodeMatrix else { return (suite, nil) }
    do throws(Unavailable) {
      return (try NodeMatrix.expand(suite, allowed: allowed, topology: topology, nodes: nodes), nil)
    } catch { return (suite, error.reason) }
  }

  /// Every CPU that a leg of the suite runs on, the workload's first.
  func cpus(of suite: Suite) -> [Int] {
    var all: [Int] = [cpus.workload] + (cpus.io.map { [$0] } ?? [])
    for concurrency in Set(suite.entries.compactMap(\.disk?.concurrency)) {
      for cpu in ThreadPlacement(cpus, concurrency).all where !all.contains(cpu) { all.append(cpu) }
    }
    for placement in suite.entries.compactMap(\.placement) {
      for cpu in [placement.vcpu, placement.io].compactMap({ $0 }) where !all.contains(cpu) { all.append(cpu) }
    }
    return all
  }

  func record(_ pages: MemoryPages) -> PlacementRecord {
    var reason: String?
    if case .failure(let error) = device { reason = error.reason }
    return PlacementRecord(
      plan: policy.description, vcpu: cpus.workload, io: cpus.io, vcpuNode: topology[cpus.workload]?.node,
      ioNode: cpus.io.flatMap { topology[$0]?.node }, memoryNode: memory.node, deviceNode: try? device.get(),
      deviceReason: reason, hugePages: pages.rawValue, vcpuCore: topology[cpus.workload]?.kind,
      ioCore: cpus.io.flatMap { topology[$0]?.kind })
  }
}
