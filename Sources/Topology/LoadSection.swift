import LinuxSystem

/// How busy the host was when the inventory was taken.
enum LoadSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    InventorySection(
      "Load",
      [
        InventoryFact("load.average", "load average (1, 5, 15 min)") { () throws(Unavailable) in
          let words = try files.text("/proc/loadavg").split(separator: " ")
          guard words.count >= 3 else { throw Unavailable("/proc/loadavg has fewer than three numbers") }
          return words.prefix(3).joined(separator: " ")
        },
        InventoryFact("load.steal", "stolen by the hypervisor since boot") { () throws(Unavailable) in
          let times = try CPUTimes.all(files: files)
          guard let whole = times[nil], whole.total > 0 else {
            throw Unavailable("/proc/stat has no times of all CPUs")
          }
          return "\(oneDecimal(Double(whole.steal) / Double(whole.total) * 100)) % of CPU time"
        },
      ])
  }
}
