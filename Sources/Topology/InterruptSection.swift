import LinuxSystem

/// Which CPUs take the interrupts of disks and network interfaces: legs on different CPUs are not equal work.
enum InterruptSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    let devices =
      ((try? DeviceSection.disks(files).get()) ?? []).map { ($0, "/sys/class/block/\($0)") }
      + ((try? DeviceSection.interfaces(files).get()) ?? []).map { ($0, "/sys/class/net/\($0)") }
    let table = Result { () throws(Unavailable) in try InterruptTable(files: files) }
    return InventorySection(
      "Interrupts",
      devices.map { name, folder in
        InventoryFact("interrupts.\(name)", name) { () throws(Unavailable) in
          summary(try interrupts(of: folder, in: try table.get(), files), files)
        }
      })
  }

  /// The interrupts of the bus device behind a folder of /sys/class: those of the nearest ancestor that lists any, else those
  /// that bear an ancestor's name, as a virtio device's on a memory-mapped bus do.
  static func interrupts(
    of folder: String, in table: InterruptTable, _ files: HostFiles
  ) throws(Unavailable) -> [InterruptTable.Row] {
    for start in try controllers(behind: files.target(ofLink: folder), files) {
      let parts = start.split(separator: "/")
      for depth in stride(from: parts.count, to: 2, by: -1) {
        let path = parts.prefix(depth).map { "/\($0)" }.joined()
        let numbers = (try? files.entries("\(path)/msi_irqs").compactMap { Int($0) }) ?? []
        let line = (try? files.integer("\(path)/irq")) ?? 0
        var rows = table.rows.filter { numbers.isEmpty ? line > 0 && $0.number == line : numbers.contains($0.number) }
        if rows.isEmpty { rows = table.rows.filter { $0.belongs(to: parts[depth - 1]) } }
        if !rows.isEmpty { return rows }
      }
    }
    throw Unavailable("no device above \(folder) lists its interrupts")
  }

  /// Where to climb from. An NVMe disk with several paths hangs below a virtual subsystem, which links to its controllers.
  private static func controllers(behind path: String, _ files: HostFiles) throws(Unavailable) -> [String] {
    guard path.hasPrefix("/sys/devices/virtual/nvme-subsystem/") else { return [path] }
    let subsystem = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    return try files.entries(subsystem).filter { $0.hasPrefix("nvme") }
      .compactMap { try? files.target(ofLink: "\(subsystem)/\($0)") }
  }

  /// "2 interrupts, taken by CPU 1 (98 %), CPU 0 (2 %); allowed on 0-1".
  private static func summary(_ rows: [InterruptTable.Row], _ files: HostFiles) -> String {
    var counts: [Int: Double] = [:]
    for row in rows { counts.merge(row.counts.mapValues { Double($0) }, uniquingKeysWith: +) }
    let total = counts.values.reduce(0, +)
    let shares = counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4)
      .map { "CPU \($0.key) (\(oneDecimal($0.value / total * 100)) %)" }
    let allowed = rows.compactMap { try? files.cpuList("/proc/irq/\($0.number)/smp_affinity_list").cpus }.flatMap { $0 }
    let takers = shares.isEmpty ? "none taken yet" : "taken by \(shares.joined(separator: ", "))"
    let limits = allowed.isEmpty ? "" : "; allowed on CPUs \(CPUList(allowed))"
    return "\(rows.count) \(rows.count == 1 ? "interrupt" : "interrupts"), \(takers)\(limits)"
  }
}
