import Foundation
import LinuxSystem
import SystemPackage
import Topology

/// Another host's procfs and sysfs, written to a temporary folder that goes with the body.
struct RecordedHost {
  /// Path to contents, absolute as on the host.
  var files: [String: String] = [:]
  /// Path to target of symbolic links.
  var links: [String: String] = [:]

  /// Runs a body with readers of this host's files.
  func read<T>(_ body: (HostFiles) throws -> T) throws -> T {
    let root = FileManager.default.temporaryDirectory.appending(path: "recorded-host-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in files {
      try makeFolder(above: root + path)
      try Data(text.utf8).write(to: URL(filePath: root + path))
    }
    for (path, target) in links {
      try makeFolder(above: root + path)
      try FileManager.default.createSymbolicLink(atPath: root + path, withDestinationPath: target)
    }
    return try body(HostFiles(root: FilePath(root)))
  }

  private func makeFolder(above path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Adds `/sys/devices/system/cpu` and the nodes for CPUs given as (package, core, siblings, node).
  mutating func addCPUs(_ cpus: [(package: Int, core: Int, siblings: String, node: Int)]) {
    let folder = "/sys/devices/system/cpu"
    files["\(folder)/online"] = "0-\(cpus.count - 1)\n"
    for (id, cpu) in cpus.enumerated() {
      files["\(folder)/cpu\(id)/topology/physical_package_id"] = "\(cpu.package)\n"
      files["\(folder)/cpu\(id)/topology/core_id"] = "\(cpu.core)\n"
      files["\(folder)/cpu\(id)/topology/thread_siblings_list"] = "\(cpu.siblings)\n"
      files["\(folder)/cpu\(id)/cache/index0/level"] = "1\n"
      files["\(folder)/cpu\(id)/cache/index0/type"] = "Data\n"
      files["\(folder)/cpu\(id)/cache/index0/size"] = "48K\n"
      files["\(folder)/cpu\(id)/cache/index0/shared_cpu_list"] = "\(cpu.siblings)\n"
      links["\(folder)/cpu\(id)/node\(cpu.node)"] = "../../node/node\(cpu.node)"
    }
    let nodes = Set(cpus.map(\.node)).sorted()
    for node in nodes {
      let members = cpus.enumerated().filter { $0.element.node == node }.map(\.offset)
      let base = "/sys/devices/system/node/node\(node)"
      files["\(base)/cpulist"] = "\(CPUList(members))\n"
      files["\(base)/distance"] = nodes.map { $0 == node ? "10" : "21" }.joined(separator: " ") + "\n"
      files["\(base)/meminfo"] = "Node \(node) MemTotal:       131072 kB\nNode \(node) MemFree:  1024 kB\n"
    }
  }
}
