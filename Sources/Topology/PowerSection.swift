import LinuxSystem

/// What changes the processors' speed: frequency, turbo, idle states, clock.
enum PowerSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    InventorySection(
      "Power and clock",
      [
        governor(files),
        frequency("power.driver", "frequency driver", "scaling_driver", files),
        boost(files),
        preference(files), bias(files),
        InventoryFact("power.profile", "platform profile") { () throws(Unavailable) in
          try files.text("/sys/firmware/acpi/platform_profile")
        },
        InventoryFact("power.frequency", "frequency range") { () throws(Unavailable) in
          let low = try files.integer("\(folder)/cpu0/cpufreq/scaling_min_freq")
          return "\(low / 1000) to \(try files.integer("\(folder)/cpu0/cpufreq/scaling_max_freq") / 1000) MHz"
        },
        InventoryFact("power.idleDriver", "idle driver") { () throws(Unavailable) in
          let driver = try files.text("\(folder)/cpuidle/current_driver")
          return "\(driver), governor \(try files.text("\(folder)/cpuidle/current_governor"))"
        },
        InventoryFact("power.idleStates", "idle states") { () throws(Unavailable) in try idleStates(files) },
        clock(files),
        InventoryFact("clock.available", "clock sources available") { () throws(Unavailable) in
          try files.text("\(clocks)/available_clocksource")
        },
      ])
  }

  private static let folder = "/sys/devices/system/cpu"
  private static let clocks = "/sys/devices/system/clocksource/clocksource0"

  private static func governor(_ files: HostFiles) -> InventoryFact {
    let fact = frequency("power.governor", "governor", "scaling_governor", files)
    guard let value = fact.value, value != "performance" else { return fact }
    return InventoryFact(
      fact.id, fact.name, value: value,
      remedy: "For steadier numbers: echo performance | sudo tee \(folder)/cpu*/cpufreq/scaling_governor.")
  }

  /// A cpufreq file of every online CPU: one value where all agree, else each value with its CPUs.
  private static func frequency(_ id: String, _ name: String, _ file: String, _ files: HostFiles) -> InventoryFact {
    InventoryFact(id, name) { () throws(Unavailable) in
      guard files.exists("\(folder)/cpu0/cpufreq") else {
        throw Unavailable("the kernel controls no frequency here (no \(folder)/cpu0/cpufreq)")
      }
      var cpusOfValue: [String: [Int]] = [:]
      for cpu in try files.cpuList("\(folder)/online").cpus {
        cpusOfValue[try files.text("\(folder)/cpu\(cpu)/cpufreq/\(file)"), default: []].append(cpu)
      }
      if cpusOfValue.count == 1 { return cpusOfValue.keys.joined() }
      return cpusOfValue.sorted { $0.key < $1.key }.map { "\($0.key) on \(CPUList($0.value))" }.joined(separator: "; ")
    }
  }

  /// What the frequency driver is to prefer, energy or performance (admin-guide/pm/intel_pstate, amd-pstate).
  private static func preference(_ files: HostFiles) -> InventoryFact {
    let fact = frequency("power.preference", "energy preference", "energy_performance_preference", files)
    guard let value = fact.value, value != "performance" else { return fact }
    return InventoryFact(
      fact.id, fact.name, value: value,
      remedy: "For steadier numbers: echo performance | sudo tee \(folder)/cpu*/cpufreq/energy_performance_preference.")
  }

  /// The hint to the processor itself (admin-guide/pm/intel_epb): 0 is performance, 15 is saving energy.
  private static func bias(_ files: HostFiles) -> InventoryFact {
    InventoryFact("power.bias", "energy bias") { () throws(Unavailable) in
      try files.text("\(folder)/cpu0/power/energy_perf_bias")
    }
  }

  private static func boost(_ files: HostFiles) -> InventoryFact {
    InventoryFact("power.boost", "turbo or boost") { () throws(Unavailable) in
      if files.exists("\(folder)/intel_pstate/no_turbo") {
        return try files.integer("\(folder)/intel_pstate/no_turbo") == 0 ? "on" : "off"
      }
      guard files.exists("\(folder)/cpufreq/boost") else {
        throw Unavailable("neither intel_pstate/no_turbo nor cpufreq/boost is there")
      }
      return try files.integer("\(folder)/cpufreq/boost") == 0 ? "off" : "on"
    }
  }

  /// "POLL 0 us, C1 2 us, C6 133 us (off)": names with exit latencies, of CPU 0.
  private static func idleStates(_ files: HostFiles) throws(Unavailable) -> String {
    let cpu = "\(folder)/cpu0/cpuidle"
    var states: [String] = []
    for state in try files.entries(cpu) where state.hasPrefix("state") {
      let latency = try files.integer("\(cpu)/\(state)/latency")
      let off = try files.integer("\(cpu)/\(state)/disable") != 0
      states.append("\(try files.text("\(cpu)/\(state)/name")) \(latency) us\(off ? " (off)" : "")")
    }
    return states.isEmpty ? "none" : states.joined(separator: ", ")
  }

  private static func clock(_ files: HostFiles) -> InventoryFact {
    let fact = InventoryFact("clock.current", "clock source") { () throws(Unavailable) in
      try files.text("\(clocks)/current_clocksource")
    }
    let available = (try? files.text("\(clocks)/available_clocksource"))?.split(separator: " ") ?? []
    guard let value = fact.value, value != "tsc" else { return fact }
    let isInvariant = (try? ProcessorInformation(files: files).flags.contains("constant_tsc")) ?? false
    if !available.contains("tsc"), isInvariant {
      return InventoryFact(
        fact.id, fact.name, value: value,
        remedy:
          "The kernel distrusts the TSC, and every time that is measured here is read from it: find out why (sudo dmesg | "
          + "grep -i tsc), and do not believe the figures before.")
    }
    guard available.contains("tsc") else { return fact }
    return InventoryFact(
      fact.id, fact.name, value: value,
      remedy: "Reading this clock costs more than the TSC: echo tsc | sudo tee \(clocks)/current_clocksource.")
  }
}
