import LinuxSystem

/// What the process's control groups let it have, and those above them: a container's limits, which no file of the host tells
/// (Linux, admin-guide/cgroup-v2 and cgroup-v1).
public struct ControlGroup: Equatable, Sendable {
  /// Bytes of memory; nil without a limit.
  public let memory: UInt64?
  /// Processors' worth of time, above 0; nil without a limit.
  public let processors: Double?

  /// Reads the limits that hold for this process. What cannot be read does not limit.
  public init(files: HostFiles = HostFiles()) {
    let lines = (try? files.lines("/proc/self/cgroup")) ?? []
    var limits: (memory: UInt64?, processors: Double?) = (nil, nil)
    func take(memory: UInt64?, processors: Double?) {
      if let memory { limits.memory = min(memory, limits.memory ?? .max) }
      if let processors { limits.processors = min(processors, limits.processors ?? .infinity) }
    }
    for line in lines {
      // number:controllers:path; version 2 has the number 0 and names no controllers.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let controllers = parts[1].split(separator: ",")
      if parts[0] == "0", controllers.isEmpty {
        for folder in Self.folders("/sys/fs/cgroup", parts[2]) + Self.folders("/sys/fs/cgroup/unified", parts[2]) {
          take(memory: Self.bytes("\(folder)/memory.max", files), processors: Self.share("\(folder)/cpu.max", files))
        }
      }
      if controllers.contains("memory") {
        for folder in Self.folders("/sys/fs/cgroup/memory", parts[2]) {
          take(memory: Self.bytes("\(folder)/memory.limit_in_bytes", files), processors: nil)
        }
      }
      if controllers.contains("cpu") {
        for root in ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu"] {
          for folder in Self.folders(root, parts[2]) { take(memory: nil, processors: Self.quota(folder, files)) }
        }
      }
    }
    (memory, processors) = limits
  }

  /// The folder of a group and those above it. In a container the path may be the host's, of which the root is all that is there.
  private static func folders(_ root: String, _ path: Substring) -> [String] {
    var folders = [root]
    for name in path.split(separator: "/") where name != ".." {
      folders.append("\(folders[folders.count - 1])/\(name)")
    }
    return folders
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
