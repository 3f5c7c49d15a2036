import LinuxSystem
import Topology

/// What `host tune` would have a host be: the settings that make numbers steadier, on the CPUs of the legs.
///
/// Every item is a file of the kernel's and a word for it, so that what was there before can be written back.
public struct HostTuning: Sendable {
  let files: HostFiles
  /// Runs the workload; interrupts are moved off it.
  let workloadCPU: Int
  /// All CPUs of the legs; they are kept from sleeping deeply.
  public let legCPUs: [Int]
  /// Huge pages of 2 MiB to have reserved; 0 leaves the reserve as it is.
  let reservedPages: Int

  /// Idle states that take longer to leave than this many microseconds are switched off: it is what delivering an interrupt
  /// takes, and a wake-up on top of it would be the larger part of what is measured.
  static let longestWakeUp = 10

  public init(files: HostFiles = HostFiles(), workloadCPU: Int, legCPUs: [Int], reservedPages: Int = 0) {
    (self.files, self.workloadCPU, self.legCPUs) = (files, workloadCPU, legCPUs)
    self.reservedPages = reservedPages
  }

  /// Looks at every setting.
  public func items() -> [TuneItem] {
    governors() + [turbo()] + idleStates() + interrupts() + memory()
  }

  private static let cpus = "/sys/devices/system/cpu"

  /// An item for a file that has to hold a word.
  private func item(_ setting: String, _ subject: String?, _ path: String, _ wanted: String) -> TuneItem {
    do throws(Unavailable) {
      let now = try Self.value(path, files)
      return TuneItem(setting, subject, path, now == wanted ? .same(now) : .change(from: now, to: wanted))
    } catch { return TuneItem(setting, subject, path, .absent(error.reason)) }
  }

  /// What a file says; the chosen word of one that marks its choice, as "always [madvise] never" does.
  static func value(_ path: String, _ files: HostFiles) throws(Unavailable) -> String {
    let text = try files.text(path)
    guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return text }
    return String(text[text.index(after: open)..<close])
  }

  private func governors() -> [TuneItem] {
    let online = (try? files.cpuList("\(Self.cpus)/online").cpus) ?? []
    let controlled = online.filter { files.exists("\(Self.cpus)/cpu\($0)/cpufreq/scaling_governor") }
    guard !controlled.isEmpty else {
      return [TuneItem("governor", nil, "", .absent("the kernel controls no frequency here (no cpufreq)"))]
    }
    return controlled.map { cpu in
      let folder = "\(Self.cpus)/cpu\(cpu)/cpufreq"
      if let known = try? files.text("\(folder)/scaling_available_governors"),
        !known.split(separator: " ").contains("performance")
      {
        return TuneItem("governor", "CPU \(cpu)", "", .absent("the kernel has only \(known)"))
      }
      return item("governor", "CPU \(cpu)", "\(folder)/scaling_governor", "performance")
    }
  }

  /// Off: how far it goes depends on heat and on what the other cores do.
  private func turbo() -> TuneItem {
    let intel = "\(Self.cpus)/intel_pstate/no_turbo"
    if files.exists(intel) { return item("turbo off (no_turbo)", nil, intel, "1") }
    let boost = "\(Self.cpus)/cpufreq/boost"
    if files.exists(boost) { return item("turbo (boost)", nil, boost, "0") }
    return TuneItem("turbo", nil, "", .absent("neither intel_pstate/no_turbo nor cpufreq/boost is there"))
  }

  private func idleStates() -> [TuneItem] {
    var items: [TuneItem] = []
    for cpu in legCPUs {
      let folder = "\(Self.cpus)/cpu\(cpu)/cpuidle"
      for state in (try? files.entries(folder)) ?? [] where state.hasPrefix("state") {
        guard let latency = try? files.integer("\(folder)/\(state)/latency"), latency > Self.longestWakeUp else {
          continue
        }
        let name = (try? files.text("\(folder)/\(state)/name")) ?? state
        items.append(
          item("idle state \(name) off (\(latency) us to leave)", "CPU \(cpu)", "\(folder)/\(state)/disable", "1"))
      }
    }
    if !items.isEmpty { return items }
    return [
      TuneItem(
        "idle states", nil, "",
        .absent("no state of the legs' CPUs takes more than \(Self.longestWakeUp) us to leave, or cpuidle tells none"))
    ]
  }

  /// Off the workload's CPU, to whichever other ones they may use.
  private func interrupts() -> [TuneItem] {
    let setting = "interrupts off CPU \(workloadCPU)"
    let others = ((try? files.cpuList("\(Self.cpus)/online").cpus) ?? []).filter { $0 != workloadCPU }
    guard !others.isEmpty else {
      return [TuneItem(setting, nil, "", .absent("there is no other CPU to take them"))]
    }
    var items: [TuneItem] = []
    for name in (try? files.entries("/proc/irq")) ?? [] {
      let path = "/proc/irq/\(name)/smp_affinity_list"
      guard Int(name) != nil, let now = try? files.cpuList(path), now.cpus.contains(workloadCPU) else { continue }
      let left = now.cpus.filter { $0 != workloadCPU }
      items.append(item(setting, "interrupt \(name)", path, CPUList(left.isEmpty ? others : left).description))
    }
    if !items.isEmpty { return items }
    return [TuneItem(setting, nil, "", .same("none may go there, or none is listed in /proc/irq"))]
  }

  private func memory() -> [TuneItem] {
    let pages = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
    var items = [
      item("transparent huge pages", nil, "/sys/kernel/mm/transparent_hugepage/enabled", "madvise"),
      item("automatic NUMA balancing", nil, "/proc/sys/kernel/numa_balancing", "0"),
    ]
    guard let now = try? files.integer(pages) else {
      items.append(TuneItem("reserved huge pages", nil, pages, .absent("the kernel has none of 2 MiB")))
      return items
    }
    items.append(item("reserved huge pages", nil, pages, "\(max(now, reservedPages))"))
    return items
  }
}

extension HostTuning {
  /// For the CPUs that a run with this placement would use.
  /// - Throws: `PlacementError`, `Unavailable` or `SystemError` where there are none.
  public static func forRun(_ policy: PlacementPolicy, reservedPages: Int = 0) throws -> HostTuning {
    let allowed = try CPUAffinity.allowed()
    if allowed.count == 1, policy == .sameNode {
      return HostTuning(workloadCPU: allowed[0], legCPUs: allowed, reservedPages: reservedPages)
    }
    let placement = try Placement(
      policy, allowed: allowed, topology: CPUTopology(), nodes: (try? NUMANode.all()) ?? [])
    return HostTuning(
      workloadCPU: placement.vcpu, legCPUs: [placement.vcpu, placement.io], reservedPages: reservedPages)
  }
}
