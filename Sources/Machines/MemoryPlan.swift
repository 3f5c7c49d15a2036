import CLinux
import LinuxSystem
import Results
import SystemPackage
import Topology

/// Which pages and which NUMA node a leg's memory gets, guest RAM and native arena alike, and what came of it.
public struct MemoryPlan: Sendable {
  public let pages: MemoryPages
  /// nil where the host tells no nodes.
  public let node: Int?
  /// Nodes of the host: with one, there is nowhere else that memory could lie.
  public let nodeCount: Int

  public init(pages: MemoryPages, node: Int?, nodeCount: Int) {
    self.pages = pages
    self.node = node
    self.nodeCount = nodeCount
  }

  /// Readies memory that nothing has touched yet.
  /// - Returns: why it could not be bound, where it could not.
  /// - Throws: `SystemError` where reserved pages are not to be had after all, which touching them would turn into a SIGBUS.
  func settle(_ ranges: [Range<UInt>]) throws(SystemError) -> String? {
    var problem: String?
    if let node {
      do throws(SystemError) {
        for range in ranges { try NodeMemory.bind(range, to: node) }
      } catch { problem = error.description }
    }
    guard pages == .reserved else { return problem }
    for range in ranges {
      let code = unsafe nm_populate(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count)
      // A kernel before 5.14 knows no such advice: there the reservation made with the mapping has to do.
      guard code == 0 || code == EINVAL else {
        throw SystemError(
          "populate \(range.count / MemoryPages.hugeSize) reserved pages of 2 MiB\(node.map { " on node \($0)" } ?? "")",
          Errno(rawValue: code), advice: "Reserve more: sudo sysctl vm.nr_hugepages=N, or on the node itself by sysfs.")
      }
    }
    return problem
  }

  /// Where the memory is now. Walks the process's address space: after the last window.
  func record(_ ranges: [Range<UInt>], problem: String?) -> MemoryRecord {
    var record = MemoryRecord(node: node, hugePages: pages.rawValue)
    var reasons = [problem].compactMap { $0 }
    do throws(SystemError) {
      record.boundTo = try ranges.first.flatMap { (range) throws(SystemError) in
        try NodeMemory.binding(at: range.lowerBound)
      }
      let counts = try NodeMemory.census(ranges)
      let total = Double(counts.values.reduce(0, +))
      for (node, count) in counts { record.nodes["\(node)"] = Double(count) / total }
    } catch { reasons.append(error.description) }
    do throws(Unavailable) {
      let use = try PageUse(of: ranges)
      (record.residentBytes, record.hugeBytes) = (use.resident, use.huge)
      record.kernelPageBytes = use.pageSizes?.upperBound
    } catch { reasons.append(error.reason) }
    record.reason = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    return record
  }

  /// Reasons to doubt a leg whose memory is not what was planned.
  func doubts(_ record: MemoryRecord) -> [String] {
    var doubts: [String] = []
    if let node {
      let elsewhere = record.nodes.filter { $0.key != "\(node)" }.values.reduce(0, +)
      if elsewhere > 0 {
        doubts.append("\((elsewhere * 1000).rounded() / 10) % of the memory lies on other nodes than node \(node)")
      } else if nodeCount > 1, record.boundTo != node {
        doubts.append("the memory is not bound to node \(node): \(record.reason ?? "its policy is another one")")
      }
    }
    guard let huge = record.hugeBytes, let resident = record.residentBytes else { return doubts }
    if pages == .small, huge > 0 {
      doubts.append("\(huge >> 20) MiB lie on huge pages in spite of huge pages \"none\"")
    }
    if pages == .reserved, huge < resident {
      doubts.append("\((resident - huge) >> 10) KiB of the memory are not on reserved pages")
    }
    return doubts
  }
}

extension MemoryPlan {
  /// What stands in the way of a plan; nil where nothing does. Reads what is free now.
  /// - Parameters:
  ///   - bytes: of a leg's memory, its image included.
  ///   - files: where the kernel says what is free.
  public func obstacle(bytes: UInt64, files: HostFiles = HostFiles()) -> String? {
    if pages == .reserved {
      let needed = Int(bytes) / MemoryPages.hugeSize
      let folder = node.map { "/sys/devices/system/node/node\($0)/hugepages/hugepages-2048kB" }
      let whole = "/sys/kernel/mm/hugepages/hugepages-2048kB"
      let place = folder.flatMap { files.exists($0) ? $0 : nil } ?? whole
      guard let free = try? files.integer("\(place)/free_hugepages") else {
        return "huge pages hugetlb: this kernel has no reserved pages of 2 MiB (\(whole)): it needs CONFIG_HUGETLBFS"
      }
      guard free >= needed else {
        return
          "huge pages hugetlb: \(needed) free pages of 2 MiB are needed\(node.map { " on node \($0)" } ?? ""), there are "
          + "\(free). Reserve them: echo \(needed) | sudo tee \(place)/nr_hugepages, or sudo nearmetal host tune --apply "
          + "--reserve-huge-pages \(needed)"
      }
      return nil
    }
    if let available = ControlGroup.available(files: files), available < bytes + bytes / 8 {
      return
        "a leg needs \((bytes + bytes / 8) >> 20) MiB, and \(available >> 20) MiB are available here (MemAvailable, or what a control "
        + "group's limit leaves): free some memory, raise the container's limit, or choose a smaller memory in the suite"
    }
    guard nodeCount > 1, let node, let free = try? NodeMemory.free(on: node, files: files) else { return nil }
    let meminfo = "/sys/devices/system/node/node\(node)/meminfo"
    // Clean pages of the page cache make room; a node that is full beyond them would end the process.
    let cache = (try? files.memoryField("Inactive(file)", in: meminfo)) ?? 0
    guard free + cache < bytes + bytes / 8 else { return nil }
    return
      "NUMA node \(node) has \((free + cache) >> 20) MiB free, and a leg needs \((bytes + bytes / 8) >> 20) MiB: free some "
      + "memory there, choose another node, or a smaller memory in the suite"
  }
}
