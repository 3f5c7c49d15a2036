import LinuxSystem
import Topology

/// Whether memory corrects errors: what an EDAC driver says of the controllers, else what the firmware's tables say.
enum MemoryCorrection {
  private static let controllers = "/sys/devices/system/edac/mc"
  private static let tables = "/sys/firmware/dmi/tables/DMI"

  static func read(_ files: HostFiles) throws(Unavailable) -> String {
    if let modes = edac(files) { return modes }
    let table: [UInt8]
    do throws(Unavailable) { table = try files.bytes(tables) } catch {
      throw Unavailable("no EDAC driver shows memory controllers, and \(error.reason)")
    }
    guard let text = firmware(table) else {
      throw Unavailable("no EDAC driver shows memory controllers, and \(tables) describes no system memory")
    }
    return text
  }

  /// The modes of all memory modules, such as "SECDED", each once; nil without a driver (Linux, admin-guide/ras).
  private static func edac(_ files: HostFiles) -> String? {
    var modes: Set<String> = []
    for controller in (try? files.entries(controllers)) ?? [] where controller.hasPrefix("mc") {
      let folder = "\(controllers)/\(controller)"
      for module in (try? files.entries(folder)) ?? [] where module.hasPrefix("dimm") || module.hasPrefix("rank") {
        if let mode = try? files.text("\(folder)/\(module)/dimm_edac_mode") { modes.insert(mode) }
      }
    }
    return modes.isEmpty ? nil : modes.sorted().joined(separator: " ")
  }

  /// The Memory Error Correction byte of the first array that is system memory (SMBIOS 3.6 §7.17: Physical Memory Array,
  /// type 16, use at 05h, correction at 06h); nil without one. The table's bytes are checked, not believed.
  static func firmware(_ table: [UInt8]) -> String? {
    var place = 0
    while place + 4 <= table.count {
      let (type, length) = (table[place], Int(table[place + 1]))
      guard length >= 4, place + length <= table.count, type != 127 else { return nil }
      if type == 16, length >= 7, table[place + 5] == 3 { return name(table[place + 6]) }
      // Strings follow, each with a zero, and one more zero.
      place += length
      while place + 1 < table.count, table[place] != 0 || table[place + 1] != 0 { place += 1 }
      place += 2
    }
    return nil
  }

  private static func name(_ value: UInt8) -> String {
    switch value {
    case 3: "None"
    case 4: "Parity"
    case 5: "Single-bit ECC"
    case 6: "Multi-bit ECC"
    case 7: "CRC"
    default: "unknown"
    }
  }
}
