import LinuxSystem
import Topology

/// Facts that qualifications ask for and runs do not.
enum QualificationSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    InventorySection(
      "Qualification",
      [
        InventoryFact("iommu.units", "IOMMUs") { () throws(Unavailable) in
          let units = try files.entries("/sys/class/iommu")
          return units.isEmpty ? "none" : units.joined(separator: " ")
        },
        InventoryFact("memory.bytes", "bytes of memory") { () throws(Unavailable) in try memory(files) },
        InventoryFact("memory.correction", "error correction") { () throws(Unavailable) in
          try MemoryCorrection.read(files)
        },
      ])
  }

  private static func memory(_ files: HostFiles) throws(Unavailable) -> String {
    for line in try files.lines("/proc/meminfo") where line.hasPrefix("MemTotal:") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if words.count > 1, let size = UInt64(words[1]) {
        let bytes = size.multipliedReportingOverflow(by: 1024)
        if !bytes.overflow { return "\(bytes.partialValue)" }
      }
    }
    throw Unavailable("/proc/meminfo has no MemTotal")
  }
}
