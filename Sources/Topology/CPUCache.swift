import LinuxSystem

/// One cache of one or more CPUs.
public struct CPUCache: Equatable, Hashable, Sendable {
  /// 1 is nearest to the core.
  public let level: Int
  /// "Data", "Instruction" or "Unified".
  public let type: String
  /// As the kernel prints it: "32K".
  public let size: String
  /// CPUs that share it, in the kernel's notation.
  public let sharedBy: String

  /// The caches of all online CPUs, each once, nearest first.
  /// - Throws: `Unavailable` when the kernel shows no caches, as on some virtual machines.
  public static func all(files: HostFiles, cpus: [Int]) throws(Unavailable) -> [CPUCache] {
    var caches: Set<CPUCache> = []
    for cpu in cpus {
      let folder = "/sys/devices/system/cpu/cpu\(cpu)/cache"
      for index in try files.entries(folder) where index.hasPrefix("index") {
        caches.insert(
          CPUCache(
            level: try files.integer("\(folder)/\(index)/level"), type: try files.text("\(folder)/\(index)/type"),
            size: try files.text("\(folder)/\(index)/size"),
            sharedBy: try files.cpuList("\(folder)/\(index)/shared_cpu_list").description))
      }
    }
    return caches.sorted { ($0.level, $0.type, $0.size, $0.sharedBy) < ($1.level, $1.type, $1.size, $1.sharedBy) }
  }

  /// "L1d", "L1i", "L2".
  public var label: String {
    switch type {
    case "Data": "L\(level)d"
    case "Instruction": "L\(level)i"
    default: "L\(level)"
    }
  }

  /// One line for all: "L1d 32K x 2 (1 CPU each), L3 32M x 1 (2 CPUs each)".
  public static func summary(_ caches: [CPUCache]) -> String {
    var kinds: [(label: String, count: Int)] = []
    for cache in caches {
      let shares = (try? CPUList(parsing: cache.sharedBy).cpus.count) ?? 0
      let label = "\(cache.label) \(cache.size), \(shares) \(shares == 1 ? "CPU" : "CPUs") each"
      if let index = kinds.firstIndex(where: { $0.label == label }) {
        kinds[index].count += 1
      } else {
        kinds.append((label, 1))
      }
    }
    return kinds.map { "\($0.count) x \($0.label)" }.joined(separator: "; ")
  }
}
