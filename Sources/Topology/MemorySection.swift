import LinuxSystem

/// Memory: size, NUMA nodes, huge pages.
enum MemorySection {
  static func collect(_ files: HostFiles) -> InventorySection {
    InventorySection(
      "Memory",
      [
        InventoryFact("memory.total", "size") { () throws(Unavailable) in try size(files) },
        InventoryFact("memory.available", "available") { () throws(Unavailable) in
          binarySize(try files.memoryField("MemAvailable"))
        },
        InventoryFact("memory.nodes", "NUMA nodes") { () throws(Unavailable) in
          let nodes = try NUMANode.all(files: files).map {
            "node \($0.id): CPUs \(CPUList($0.cpus)), \(binarySize($0.memory))"
          }
          return nodes.joined(separator: "; ")
        },
        InventoryFact("memory.distances", "NUMA distances") { () throws(Unavailable) in
          let rows = try NUMANode.all(files: files).map { $0.distances.map(String.init).joined(separator: " ") }
          return rows.joined(separator: "; ")
        },
        InventoryFact("memory.balancing", "automatic NUMA balancing") { () throws(Unavailable) in
          try files.integer("/proc/sys/kernel/numa_balancing") == 0 ? "off" : "on"
        },
        chosen("memory.thp", "transparent huge pages", "enabled", files),
        chosen("memory.thpDefrag", "their defragmentation", "defrag", files),
        chosen("memory.thpShared", "for shared memory", "shmem_enabled", files),
        hugePages(files),
        InventoryFact("memory.errorCorrection", "error correction") { () throws(Unavailable) in
          try errorCorrection(files)
        },
      ])
  }

  /// The memory blocks that are online: the same at each boot, and untouched by balloons. Where the kernel shows none, what it
  /// has for use, in whole GiB since it takes a little for itself, and how much changes with each boot.
  private static func size(_ files: HostFiles) throws(Unavailable) -> String {
    let folder = "/sys/devices/system/memory"
    if let block = (try? files.text("\(folder)/block_size_bytes")).flatMap({ UInt64($0, radix: 16) }),
      let names = try? files.entries(folder)
    {
      let blocks = names.filter { $0.hasPrefix("memory") && (try? files.text("\(folder)/\($0)/state")) == "online" }
      let (bytes, overflow) = block.multipliedReportingOverflow(by: UInt64(blocks.count))
      if bytes > 0, !overflow { return binarySize(bytes) }
    }
    return "\((try files.memoryField("MemTotal") + 1 << 29) >> 30) GiB"
  }

  /// "mc0 Intel_5100: SECDED": what the memory controllers' drivers (EDAC) say.
  private static func errorCorrection(_ files: HostFiles) throws(Unavailable) -> String {
    let folder = "/sys/devices/system/edac/mc"
    let controllers = ((try? files.entries(folder)) ?? []).filter { $0.hasPrefix("mc") && Int($0.dropFirst(2)) != nil }
    guard !controllers.isEmpty else {
      throw Unavailable("no memory controller is known to the kernel's EDAC drivers (\(folder))")
    }
    var texts: [String] = []
    for controller in controllers {
      let path = "\(folder)/\(controller)"
      let modules = try files.entries(path).filter { $0.hasPrefix("dimm") || $0.hasPrefix("rank") }
      let modes = Set(modules.compactMap { try? files.text("\(path)/\($0)/dimm_edac_mode") }).sorted()
      let name = (try? files.text("\(path)/mc_name")) ?? "unnamed"
      texts.append("\(controller) \(name): \(modes.isEmpty ? "mode not told" : modes.joined(separator: ", "))")
    }
    return texts.joined(separator: "; ")
  }

  /// The bracketed word of a file such as "always [madvise] never".
  private static func chosen(_ id: String, _ name: String, _ file: String, _ files: HostFiles) -> InventoryFact {
    InventoryFact(id, name) { () throws(Unavailable) in
      let path = "/sys/kernel/mm/transparent_hugepage/\(file)"
      let text = try files.text(path)
      guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else {
        throw Unavailable("\(path): no choice is marked in \"\(text)\"")
      }
      return String(text[text.index(after: open)..<close])
    }
  }

  private static func hugePages(_ files: HostFiles) -> InventoryFact {
    let (id, name, folder) = ("memory.hugetlb", "reserved huge pages", "/sys/kernel/mm/hugepages")
    do {
      var (total, sizes) = (0, [String]())
      for size in try files.entries(folder) {
        let reserved = try files.integer("\(folder)/\(size)/nr_hugepages")
        let free = try files.integer("\(folder)/\(size)/free_hugepages")
        let (sum, overflow) = total.addingReportingOverflow(reserved)
        total = overflow ? Int.max : sum
        sizes.append("\(size.split(separator: "-").last ?? ""): \(reserved), \(free) free")
      }
      let remedy =
        total > 0 ? nil : "For guest memory on reserved pages: sudo sysctl vm.nr_hugepages=512 (1 GiB of 2 MiB pages)."
      return InventoryFact(id, name, value: sizes.joined(separator: "; "), remedy: remedy)
    } catch {
      return InventoryFact(id, name, unavailable: error.reason, remedy: "Needs a kernel with CONFIG_HUGETLBFS.")
    }
  }
}
