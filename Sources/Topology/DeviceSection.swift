import CLinux
import LinuxSystem

/// Disks and network interfaces that are real to this host; loop, RAM and purely virtual ones are left out.
enum DeviceSection {
  static func storage(_ files: HostFiles) -> InventorySection {
    section("Storage", "storage", disks(files)) { name throws(Unavailable) in
      let folder = "/sys/class/block/\(name)"
      let sectors = try files.integer("\(folder)/size")
      guard let bytes = UInt64(exactly: sectors)?.multipliedReportingOverflow(by: 512), !bytes.overflow else {
        throw Unavailable("\(folder)/size: \(sectors) sectors cannot be")
      }
      let model = (try? files.text("\(folder)/device/model")) ?? driver(folder, files)
      // 1 is what the kernel assumes where a device does not tell, as virtual disks do not.
      let turns = try files.integer("\(folder)/queue/rotational") != 0
      let scheduler = try files.text("\(folder)/queue/scheduler").split(separator: " ")
      let chosen = scheduler.first { $0.hasPrefix("[") } ?? scheduler.first ?? "none"
      let cache = (try? files.text("\(folder)/queue/write_cache")) ?? "unknown"
      return "\(model), \(binarySize(bytes.partialValue)), \(turns ? "rotational" : "not rotational"), "
        + "scheduler \(chosen.filter { $0 != "[" && $0 != "]" }), write cache: \(cache), "
        + "driver \(driver(folder, files)), firmware \(diskFirmware(folder, files)), \(node(folder, files))"
    }
  }

  static func network(_ files: HostFiles) -> InventorySection {
    section("Network", "network", interfaces(files)) { name throws(Unavailable) in
      let folder = "/sys/class/net/\(name)"
      // A link that is down answers EINVAL, a virtual one -1.
      let speed = (try? files.integer("\(folder)/speed")) ?? -1
      let state = try files.text("\(folder)/operstate")
      return "driver \(driver(folder, files)), \(speed > 0 ? "\(speed) Mb/s" : "speed not told"), \(state), "
        + "MTU \(try files.integer("\(folder)/mtu")), firmware \(networkFirmware(name, files)), \(node(folder, files))"
    }
  }

  /// Whole disks with a device behind them.
  static func disks(_ files: HostFiles) -> Result<[String], Unavailable> {
    Result { () throws(Unavailable) in
      try files.entries("/sys/class/block").filter { name in
        let folder = "/sys/class/block/\(name)"
        return !files.exists("\(folder)/partition") && files.exists("\(folder)/device")
      }
    }
  }

  /// Network interfaces with a device behind them.
  static func interfaces(_ files: HostFiles) -> Result<[String], Unavailable> {
    Result { () throws(Unavailable) in
      try files.entries("/sys/class/net").filter { files.exists("/sys/class/net/\($0)/device") }
    }
  }

  /// The driver of the device behind a folder of /sys/class; an NVMe disk's is its controller's device's.
  private static func driver(_ folder: String, _ files: HostFiles) -> String {
    let links = ["device/driver", "device/device/driver"].lazy.compactMap {
      try? files.target(ofLink: "\(folder)/\($0)")
    }
    return links.first?.split(separator: "/").last.map(String.init) ?? "unknown"
  }

  /// What NVMe (`firmware_rev`) and SCSI (`rev`) disks tell.
  private static func diskFirmware(_ folder: String, _ files: HostFiles) -> String {
    let texts = ["firmware_rev", "rev"].lazy.compactMap { try? files.text("\(folder)/device/\($0)") }
    return texts.first { !$0.isEmpty } ?? "not told"
  }

  /// What the driver answers to ethtool; a recorded tree has nobody to ask.
  private static func networkFirmware(_ name: String, _ files: HostFiles) -> String {
    guard files.isThisHost else { return "not told" }
    var (driver, firmware) = ([CChar](repeating: 0, count: 32), [CChar](repeating: 0, count: 32))
    guard unsafe nm_network_driver(name, &driver, &firmware) == 0 else { return "not told" }
    let text = String(decoding: firmware.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).trimmed
    return text.isEmpty ? "not told" : text
  }

  /// "NUMA node 1".
  private static func node(_ folder: String, _ files: HostFiles) -> String {
    guard let path = try? files.target(ofLink: folder), let node = try? DeviceNode.node(of: path, files: files) else {
      return "NUMA node not told"
    }
    return "NUMA node \(node)"
  }

  private static func section(
    _ title: String, _ prefix: String, _ names: Result<[String], Unavailable>,
    _ describe: (String) throws(Unavailable) -> String
  ) -> InventorySection {
    do {
      let facts = try names.get().map { name in
        InventoryFact("\(prefix).\(name)", name) { () throws(Unavailable) in try describe(name) }
      }
      let none = InventoryFact("\(prefix).none", "devices", value: "none")
      return InventorySection(title, facts.isEmpty ? [none] : facts)
    } catch {
      return InventorySection(title, [InventoryFact(prefix, "devices", unavailable: error.reason)])
    }
  }
}
