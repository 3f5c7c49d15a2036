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
          let numbers = try interrupts(of: folder, files)
          return summary(try table.get().rows.filter { numbers.contains($0.number) }, files)
        }
      })
  }

  /// The interrupts of the bus device behind a folder of /sys/class: the nearest ancestor that lists any.
  static func interrupts(of folder: String, _ files: HostFiles) throws(Unavailable) -> Set<Int> {
    var path = try files.target(ofLink: folder)
    while path.hasPrefix("/sys/devices/") {
      if let numbers = try? files.entries("\(path)/msi_irqs").compactMap({ Int($0) }), !numbers.isEmpty {
        return Set(numbers)
      }
      if let number = try? files.integer("\(path)/irq"), number > 0 { return [number] }
      path = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    }
    throw Unavailable("no device above \(folder) lists its interrupts")
  }

  /// "2 interrupts, taken by CPU 1 (98 %), CPU 0 (2 %); allowed on 0-1".
  private static func summary(_ rows: [InterruptTable.Row], _ files: HostFiles) -> String {
    var counts: [Int: Double] = [:]
    for row in rows { counts.merge(row.counts.mapValues(Double.init), uniquingKeysWith: +) }
    let total = counts.values.reduce(0, +)
    let shares = counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4)
      .map { "CPU \($0.key) (\(oneDecimal($0.value / total * 100)) %)" }
    let allowed = rows.compactMap { try? files.cpuList("/proc/irq/\($0.number)/smp_affinity_list").cpus }.flatMap { $0 }
    let takers = shares.isEmpty ? "none taken yet" : "taken by \(shares.joined(separator: ", "))"
    return "\(rows.count) interrupts, \(takers); allowed on CPUs \(CPUList(allowed))"
  }
}
