import LinuxSystem

/// What the processors are.
enum ProcessorSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    let information = Result { () throws(Unavailable) in try ProcessorInformation(files: files) }
    let topology = Result { () throws(Unavailable) in try CPUTopology(files: files) }
    func field(_ id: String, _ name: String, _ key: Substring) -> InventoryFact {
      InventoryFact(id, name) { () throws(Unavailable) in try information.get().field(key) }
    }
    return InventorySection(
      "Processor",
      [
        field("cpu.vendor", "vendor", "vendor_id"),
        field("cpu.model", "model", "model name"),
        InventoryFact("cpu.identity", "family, model, stepping") { () throws(Unavailable) in
          let information = try information.get()
          let family = try information.field("cpu family")
          return "\(family), \(try information.field("model")), \(try information.field("stepping"))"
        },
        field("cpu.microcode", "microcode", "microcode"),
        InventoryFact("cpu.sockets", "sockets") { () throws(Unavailable) in "\(try topology.get().packageCount)" },
        InventoryFact("cpu.cores", "cores") { () throws(Unavailable) in "\(try topology.get().coreCount)" },
        InventoryFact("cpu.threads", "hardware threads") { () throws(Unavailable) in "\(try topology.get().cpus.count)"
        },
        InventoryFact("cpu.smt", "SMT") { () throws(Unavailable) in
          try files.text("/sys/devices/system/cpu/smt/control")
        },
        InventoryFact("cpu.online", "online CPUs") { () throws(Unavailable) in
          try files.cpuList("/sys/devices/system/cpu/online").description
        },
        list("cpu.isolated", "isolated CPUs", "/sys/devices/system/cpu/isolated", files),
        list("cpu.tickless", "tickless CPUs (nohz_full)", "/sys/devices/system/cpu/nohz_full", files),
        InventoryFact("cpu.kinds", "kinds of cores") { () throws(Unavailable) in
          let kinds = try topology.get().kinds.sorted { $0.key < $1.key }
          return kinds.isEmpty ? "one" : kinds.map { "\($0.key): \(CPUList($0.value))" }.joined(separator: "; ")
        },
        InventoryFact("cpu.caches", "caches") { () throws(Unavailable) in
          let cpus = try topology.get().cpus.map(\.id)
          return CPUCache.summary(try CPUCache.all(files: files, cpus: cpus))
        },
        InventoryFact("cpu.tsc", "time-stamp counter") { () throws(Unavailable) in
          try information.get().present(["constant_tsc", "nonstop_tsc", "tsc_known_freq", "tsc_reliable", "rdtscp"])
        },
      ])
  }

  /// A list of CPUs; the kernel prints "(null)" or nothing for an empty one.
  private static func list(_ id: String, _ name: String, _ path: String, _ files: HostFiles) -> InventoryFact {
    InventoryFact(id, name) { () throws(Unavailable) in
      let text = try files.text(path)
      return text.isEmpty || text == "(null)" ? "none" : text
    }
  }
}
