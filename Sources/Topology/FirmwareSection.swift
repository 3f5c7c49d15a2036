import LinuxSystem

/// What the firmware says about the machine (DMI).
enum FirmwareSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    let names = [
      ("sys_vendor", "vendor"), ("product_name", "product"), ("board_name", "board"),
      ("bios_vendor", "firmware vendor"),
      ("bios_version", "firmware version"), ("bios_date", "firmware date"),
    ]
    return InventorySection(
      "Machine and firmware",
      names.map { file, name in
        InventoryFact("firmware.\(file)", name) { () throws(Unavailable) in try files.text("/sys/class/dmi/id/\(file)")
        }
      })
  }
}
