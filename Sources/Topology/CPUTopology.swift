import LinuxSystem

/// The online CPUs of a host: packages, cores, hardware threads and their NUMA nodes.
public struct CPUTopology: Equatable, Sendable {
  /// Online CPUs, ascending by number.
  public let cpus: [LogicalCPU]

  public init(cpus: [LogicalCPU]) {
    self.cpus = cpus.sorted { $0.id < $1.id }
  }

  /// Reads `/sys/devices/system/cpu`. On this host, CPUs that the process may use are online whatever the list says: containers
  /// have files of their own put in its place.
  /// - Throws: `Unavailable` when the list of online CPUs or a CPU's place in it cannot be read.
  public init(files: HostFiles = HostFiles()) throws(Unavailable) {
    try self.init(files: files, allowed: files.isThisHost ? (try? CPUAffinity.allowed()) ?? [] : [])
  }

  init(files: HostFiles, allowed: [Int]) throws(Unavailable) {
    let folder = "/sys/devices/system/cpu"
    var cpus: [LogicalCPU] = []
    let listed = try files.cpuList("\(folder)/online").cpus
    let unlisted = Set(allowed).subtracting(listed).filter { files.exists("\(folder)/cpu\($0)/topology") }
    let kinds = Self.kinds(files, listed + unlisted)
    for id in (listed + unlisted).sorted() {
      // Nor is a CPU there that only the list has.
      if !files.exists("\(folder)/cpu\(id)/topology"), !allowed.isEmpty { continue }
      let cpu = "\(folder)/cpu\(id)"
      let node = try files.entries(cpu).lazy.filter { $0.hasPrefix("node") }.compactMap { Int($0.dropFirst(4)) }.first
      cpus.append(
        LogicalCPU(
          id: id, package: try files.integer("\(cpu)/topology/physical_package_id"),
          core: try files.integer("\(cpu)/topology/core_id"),
          siblings: try files.cpuList("\(cpu)/topology/thread_siblings_list").cpus, node: node, kind: kinds[id]))
    }
    self.init(cpus: cpus)
  }

  /// The kinds of cores, where there are several: by the PMUs of Intel's hybrid processors, else by the scheduler's capacities.
  private static func kinds(_ files: HostFiles, _ cpus: [Int]) -> [Int: String] {
    var kinds: [Int: String] = [:]
    for name in ["core", "atom", "lowpower"] {
      for cpu in (try? files.cpuList("/sys/devices/cpu_\(name)/cpus").cpus) ?? [] { kinds[cpu] = name }
    }
    if kinds.isEmpty {
      for cpu in cpus {
        guard let capacity = try? files.integer("/sys/devices/system/cpu/cpu\(cpu)/cpu_capacity") else { continue }
        kinds[cpu] = "capacity \(capacity)"
      }
    }
    return Set(cpus.map { kinds[$0] }).count > 1 ? kinds : [:]
  }

  /// CPUs by the kind of their core; empty where all are alike.
  public var kinds: [String: [Int]] {
    var kinds: [String: [Int]] = [:]
    for cpu in cpus { if let kind = cpu.kind { kinds[kind, default: []].append(cpu.id) } }
    return kinds
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
