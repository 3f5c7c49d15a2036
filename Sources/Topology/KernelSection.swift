import LinuxSystem

/// The kernel: which, how built, how started, how it guards itself, and the interfaces that NearMetal wants of it.
enum KernelSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    InventorySection(
      "Kernel",
      [
        InventoryFact("kernel.release", "release") { () throws(Unavailable) in
          try files.text("/proc/sys/kernel/osrelease")
        },
        InventoryFact("kernel.version", "version") { () throws(Unavailable) in
          try files.text("/proc/sys/kernel/version")
        },
        InventoryFact("kernel.commandLine", "command line") { () throws(Unavailable) in try files.text("/proc/cmdline")
        },
        InventoryFact("kernel.configuration", "configuration (FNV-1a 64)") { () throws(Unavailable) in
          try configurationHash(files)
        },
        tracing(files), ring(files),
        node(
          "device.vhostNet", "/dev/vhost-net", "The mode vhost is skipped without it: sudo modprobe vhost_net.", files),
        node("device.tun", "/dev/net/tun", "TAP networks are skipped without it: sudo modprobe tun.", files),
      ])
  }

  /// What the kernel does about each processor vulnerability.
  static func mitigations(_ files: HostFiles) -> InventorySection {
    let folder = "/sys/devices/system/cpu/vulnerabilities"
    do {
      return InventorySection(
        "Mitigations",
        try files.entries(folder).map { name in
          InventoryFact("mitigation.\(name)", name) { () throws(Unavailable) in try files.text("\(folder)/\(name)") }
        })
    } catch {
      return InventorySection(
        "Mitigations", [InventoryFact("mitigation", "all", unavailable: error.reason)])
    }
  }

  /// Hash of the file as it is, compressed or not, with the file's name: the two forms cannot be compared.
  private static func configurationHash(_ files: HostFiles) throws(Unavailable) -> String {
    let release = try files.text("/proc/sys/kernel/osrelease")
    for path in ["/proc/config.gz", "/boot/config-\(release)"] where files.exists(path) {
      var hash = FNV1a()
      hash.add(try files.bytes(path))
      return "\(hash.hexadecimal) of \(path)"
    }
    throw Unavailable("neither /proc/config.gz nor /boot/config-\(release) is there")
  }

  private static func tracing(_ files: HostFiles) -> InventoryFact {
    let (id, name) = ("kernel.tracefs", "tracefs")
    let mounts = (try? files.lines("/proc/self/mounts")) ?? []
    for mount in mounts.map({ $0.split(separator: " ") }) where mount.count > 2 && mount[2] == "tracefs" {
      return InventoryFact(id, name, value: "mounted at \(mount[1])")
    }
    return InventoryFact(
      id, name, unavailable: "not mounted",
      remedy: "For KVM tracepoints: sudo mount -t tracefs tracefs /sys/kernel/tracing.")
  }

  private static func ring(_ files: HostFiles) -> InventoryFact {
    let (id, name) = ("kernel.ioUring", "io_uring")
    let path = "/proc/sys/kernel/io_uring_disabled"
    if files.isThisHost, SystemCallFilter.refuses(.ioUring) {
      return InventoryFact(
        id, name, unavailable: SystemCallFilter.reason(.ioUring), remedy: SystemCallFilter.advice([.ioUring]))
    }
    // The switch came with Linux 6.6; without it io_uring is there unless the kernel was built without.
    guard files.exists(path) else { return InventoryFact(id, name, value: "no switch to disable it in this kernel") }
    do {
      let remedy = "For asynchronous storage engines: sudo sysctl kernel.io_uring_disabled=0."
      return switch try files.integer(path) {
      case 0: InventoryFact(id, name, value: "enabled")
      case 1: InventoryFact(id, name, value: "for privileged processes and one group only", remedy: remedy)
      case let value: InventoryFact(id, name, unavailable: "\(path) is \(value)", remedy: remedy)
      }
    } catch {
      return InventoryFact(id, name, unavailable: error.reason)
    }
  }

  private static func node(_ id: String, _ path: String, _ remedy: String, _ files: HostFiles) -> InventoryFact {
    files.exists(path)
      ? InventoryFact(id, path, value: "present")
      : InventoryFact(id, path, unavailable: "there is no \(path)", remedy: remedy)
  }
}
