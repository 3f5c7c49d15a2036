import CNuma
import LinuxSystem

/// A NUMA node: CPUs and memory at one distance from each other.
public struct NUMANode: Equatable, Sendable {
  /// Its number in Linux.
  public let id: Int
  /// Its CPUs, ascending; empty for a node of memory only.
  public let cpus: [Int]
  /// Its memory in bytes.
  public let memory: UInt64
  /// Relative cost of reaching each node, by ascending node number; 10 is local (ACPI SLIT).
  public let distances: [Int]

  public init(id: Int, cpus: [Int], memory: UInt64, distances: [Int]) {
    (self.id, self.cpus, self.memory, self.distances) = (id, cpus, memory, distances)
  }

  /// The nodes of the host: from libnuma on this host, from sysfs in a recorded tree. libnuma believes that there are no nodes
  /// where a container's filter refuses it the memory policy; sysfs tells them all the same.
  public static func all(files: HostFiles = HostFiles()) throws(Unavailable) -> [NUMANode] {
    if files.isThisHost, !SystemCallFilter.refuses(.memoryPolicy) { return try fromLibrary() }
    return try fromFiles(files)
  }

  /// What libnuma says about this host.
  static func fromLibrary() throws(Unavailable) -> [NUMANode] {
    guard numa_available() >= 0 else { throw Unavailable("numa_available: the kernel has no NUMA support") }
    let ids = (0...numa_max_node()).filter { nm_numa_has_node($0) != 0 }
    guard let mask = unsafe numa_allocate_cpumask() else { throw Unavailable("libnuma: out of memory") }
    defer { unsafe numa_bitmask_free(mask) }
    return ids.map { id in
      let known = unsafe numa_node_to_cpus(id, mask) == 0
      let count = unsafe known ? Int(mask.pointee.size) : 0
      let cpus = (0..<count).filter { cpu in unsafe numa_bitmask_isbitset(mask, UInt32(cpu)) != 0 }
      let memory = numa_node_size64(id, nil)
      return NUMANode(
        id: Int(id), cpus: cpus, memory: UInt64(max(0, memory)), distances: ids.map { Int(numa_distance(id, $0)) })
    }
  }

  /// What `/sys/devices/system/node` says.
  static func fromFiles(_ files: HostFiles) throws(Unavailable) -> [NUMANode] {
    let folder = "/sys/devices/system/node"
    var nodes: [NUMANode] = []
    for name in try files.entries(folder) {
      guard name.hasPrefix("node"), let id = Int(name.dropFirst(4)) else { continue }
      let distances = try files.text("\(folder)/\(name)/distance").split(separator: " ").compactMap { Int($0) }
      nodes.append(
        NUMANode(
          id: id, cpus: try files.cpuList("\(folder)/\(name)/cpulist").cpus,
          memory: try files.memoryField("MemTotal", in: "\(folder)/\(name)/meminfo"), distances: distances))
    }
    return nodes
  }
}

extension HostFiles {
  /// A field of a meminfo file, in bytes. A node's file has "Node 0 " before each field's name.
  public func memoryField(_ field: String, in path: String = "/proc/meminfo") throws(Unavailable) -> UInt64 {
    for line in try lines(path) {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let at = words.firstIndex(of: "\(field):"), at + 1 < words.count else { continue }
      guard let kibibytes = UInt64(words[at + 1]), kibibytes < 1 << 53 else { break }
      return kibibytes * 1024
    }
    throw Unavailable("\(path): no usable field \(field)")
  }
}
