import LinuxSystem

/// What the process's control groups let it have, and those above them: a container's limits, which no file of the host tells
/// (Linux, admin-guide/cgroup-v2 and cgroup-v1).
public struct ControlGroup: Equatable, Sendable {
  /// Bytes of memory; nil without a limit.
  public let memory: UInt64?
  /// Bytes of memory that are left of the limits, pages of files that can be given up included; nil without a limit.
  public let availableMemory: UInt64?
  /// Processors' worth of time, above 0; nil without a limit.
  public let processors: Double?

  /// Reads the limits that hold for this process. What cannot be read does not limit.
  public init(files: HostFiles = HostFiles()) {
    let lines = (try? files.lines("/proc/self/cgroup")) ?? []
    var limits: (memory: UInt64?, available: UInt64?, processors: Double?) = (nil, nil, nil)
    func take(processors: Double?) {
      if let processors { limits.processors = min(processors, limits.processors ?? .infinity) }
    }
    func take(memory name: String, used: String, in folder: String) {
      guard let limit = Self.bytes("\(folder)/\(name)", files) else { return }
      limits.memory = min(limit, limits.memory ?? .max)
      let used = Self.bytes("\(folder)/\(used)", files) ?? 0
      let free = limit - min(limit, used - min(used, Self.reclaimable(folder, files)))
      limits.available = min(free, limits.available ?? .max)
    }
    for line in lines {
      // number:controllers:path; version 2 has the number 0 and names no controllers.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let controllers = parts[1].split(separator: ",")
      if parts[0] == "0", controllers.isEmpty {
        for folder in Self.folders("/sys/fs/cgroup", parts[2]) + Self.folders("/sys/fs/cgroup/unified", parts[2]) {
          take(memory: "memory.max", used: "memory.current", in: folder)
          take(processors: Self.share("\(folder)/cpu.max", files))
        }
      }
      if controllers.contains("memory") {
        for folder in Self.folders("/sys/fs/cgroup/memory", parts[2]) {
          take(memory: "memory.limit_in_bytes", used: "memory.usage_in_bytes", in: folder)
        }
      }
      if controllers.contains("cpu") {
        for root in ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu"] {
          for folder in Self.folders(root, parts[2]) { take(processors: Self.quota(folder, files)) }
        }
      }
    }
    (memory, availableMemory, processors) = limits
  }

  /// The folder of a group and those above it. In a container the path may be the host's, of which the root is all that is there.
  private static func folders(_ root: String, _ path: Substring) -> [String] {
    var folders = [root]
    for name in path.split(separator: "/") where name != ".." {
      folders.append("\(folders[folders.count - 1])/\(name)")
    }
    return folders
  }

  /// Bytes of files' pages that the kernel gives up before it ends anybody for want of memory.
  private static func reclaimable(_ folder: String, _ files: HostFiles) -> UInt64 {
    for line in (try? files.lines("\(folder)/memory.stat")) ?? [] {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "inactive_file" { return UInt64(words[1]) ?? 0 }
    }
    return 0
  }

  /// Bytes that a process of this group may still have: of the host's, or of what the group has left, whichever is less. Nil where
  /// neither is known.
  public static func available(files: HostFiles = HostFiles()) -> UInt64? {
    let host = try? files.memoryField("MemAvailable", in: "/proc/meminfo")
    return [host, ControlGroup(files: files).availableMemory].compactMap(\.self).min()
  }

  /// "max" and what version 1 has for it, a number near 2^63, are no limit.
  private static func bytes(_ path: String, _ files: HostFiles) -> UInt64? {
    (try? files.text(path)).flatMap { UInt64($0) }.flatMap { $0 < 1 << 60 ? $0 : nil }
  }

  /// "200000 100000": two processors' worth.
  private static func share(_ path: String, _ files: HostFiles) -> Double? {
    let words = ((try? files.text(path)) ?? "").split(separator: " ").compactMap { Double($0) }
    return words.count == 2 && words[0] > 0 && words[1] > 0 ? words[0] / words[1] : nil
  }

  private static func quota(_ folder: String, _ files: HostFiles) -> Double? {
    guard let quota = try? files.integer("\(folder)/cpu.cfs_quota_us"), quota > 0,
      let period = try? files.integer("\(folder)/cpu.cfs_period_us"), period > 0
    else { return nil }
    return Double(quota) / Double(period)
  }
}
