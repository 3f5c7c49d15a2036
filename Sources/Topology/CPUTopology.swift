import LinuxSystem

/// The online CPUs of a host: packages, cores, hardware threads and their NUMA nodes.
public struct CPUTopology: Equatable, Sendable {
  /// Online CPUs, ascending by number.
  public let cpus: [LogicalCPU]

  public init(cpus: [LogicalCPU]) {
    self.cpus = cpus.sorted { $0.id < $1.id }
  }

  /// Reads `/sys/devices/system/cpu`.
  /// - Throws: `Unavailable` when the list of online CPUs or a CPU's place in it cannot be read.
  public init(files: HostFiles = HostFiles()) throws(Unavailable) {
    let folder = "/sys/devices/system/cpu"
    var cpus: [LogicalCPU] = []
    for id in try files.cpuList("\(folder)/online").cpus {
      let cpu = "\(folder)/cpu\(id)"
      let node = try files.entries(cpu).lazy.filter { $0.hasPrefix("node") }.compactMap { Int($0.dropFirst(4)) }.first
      cpus.append(
        LogicalCPU(
          id: id, package: try files.integer("\(cpu)/topology/physical_package_id"),
          core: try files.integer("\(cpu)/topology/core_id"),
          siblings: try files.cpuList("\(cpu)/topology/thread_siblings_list").cpus, node: node))
    }
    self.init(cpus: cpus)
  }

  /// Sockets with an online CPU.
  public var packageCount: Int { Set(cpus.map(\.package)).count }

  /// Cores with an online CPU. Siblings name a core better than its number, which repeats across dies.
  public var coreCount: Int { Set(cpus.map(\.siblings)).count }

  /// The CPU with this number; nil when it is not online.
  public subscript(id: Int) -> LogicalCPU? { cpus.first { $0.id == id } }
}

extension HostFiles {
  /// A file that holds a list of CPUs.
  public func cpuList(_ path: String) throws(Unavailable) -> CPUList {
    let text = try text(path)
    do {
      return try CPUList(parsing: text)
    } catch {
      throw Unavailable("\(path): \(error)")
    }
  }
}
