import LinuxSystem

/// What stands between the process and the host: a container, its limits, and a filter of system calls. None of it is part of
/// the fingerprint: the host is the same host outside.
enum ContainerSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    let limits = ControlGroup(files: files)
    return InventorySection(
      "Container",
      [
        InventoryFact("container.kind", "container", value: kind(files)), memory(limits), processors(limits),
        filter(files),
      ])
  }

  private static func kind(_ files: HostFiles) -> String {
    if files.exists("/run/.containerenv") { return "Podman" }
    if files.exists("/.dockerenv") { return "Docker" }
    if let kind = try? files.text("/run/systemd/container") { return kind }
    return "none seen"
  }

  private static func memory(_ limits: ControlGroup) -> InventoryFact {
    InventoryFact("container.memory", "memory limit", value: limits.memory.map(binarySize) ?? "none")
  }

  private static func processors(_ limits: ControlGroup) -> InventoryFact {
    guard let share = limits.processors else {
      return InventoryFact("container.cpus", "limit of processor time", value: "none")
    }
    return InventoryFact(
      "container.cpus", "limit of processor time", value: "\(share) processors",
      remedy:
        "Whoever has used up a period's share stands still for the rest of it, in the middle of a measurement: give the "
        + "container whole CPUs instead (--cpuset-cpus).")
  }

  private static func filter(_ files: HostFiles) -> InventoryFact {
    let (id, name) = ("container.systemCalls", "system calls refused by a filter")
    guard files.isThisHost else { return InventoryFact(id, name, unavailable: "a recorded host cannot be asked") }
    let refused = SystemCallFilter.Call.allCases.filter(SystemCallFilter.refuses)
    guard !refused.isEmpty else { return InventoryFact(id, name, value: "none") }
    return InventoryFact(
      id, name, value: refused.map(\.rawValue).joined(separator: ", "), remedy: SystemCallFilter.advice(refused))
  }
}
