import Foundation

/// The event tables of the installed perf: the vendors' own lists, made into code by the kernel's developers. A second source
/// beside libpfm4's tables, which people type in from manuals.
struct PerfTables {
  /// Debian 12's perf, linux-perf; nil where there is none.
  static let program = ["/usr/bin/perf", "/usr/local/bin/perf"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Configurations of a core's events by perf's names, such as "dtlb_load_misses.walk_active".
  let configurations: [String: UInt64]

  /// Asks perf as if it ran on another processor: it takes the processor's name from `PERF_CPUID`, and the fields of an event
  /// selector from the folder that `SYSFS_PATH` names (tools/perf/util/header.c and tools/lib/api/fs/fs.c of Linux).
  /// - Parameter processor: vendor, family, model and stepping as perf writes them: "GenuineIntel-6-55-4".
  init(of processor: String) throws {
    let folder = try FileTree(
      [("type", "4")].reduce(into: [:]) { $0[Self.unit + $1.0] = $1.1 }.merging(
        Self.fields.map { ("\(Self.unit)format/\($0.name)", "config:\($0.bits)") }, uniquingKeysWith: { $1 }))
    let process = Process()
    process.executableURL = URL(filePath: Self.program ?? "")
    process.arguments = ["list", "--details"]
    process.environment = [
      "PERF_CPUID": processor, "SYSFS_PATH": folder.path, "PERF_PAGER": "cat", "PAGER": "cat", "LC_ALL": "C",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    configurations = Self.read(text)
  }

  private static let unit = "/bus/event_source/devices/cpu/"

  /// The fields of an event selector (Intel SDM volume 3B, IA32_PERFEVTSELx; AMD APM volume 2 §13.2.1), and where they begin.
  private static let fields: [(name: String, bits: String, first: UInt64)] = [
    ("event", "0-7", 0), ("umask", "8-15", 8), ("edge", "18", 18), ("any", "21", 21), ("inv", "23", 23),
    ("cmask", "24-31", 24),
  ]

  /// A name stands alone on its line, its encoding some lines below: `cpu/event=0x8,cmask=0x1,period=0x186a3,umask=0x10/`.
  private static func read(_ text: String) -> [String: UInt64] {
    var found: [String: UInt64] = [:]
    var name: Substring?
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 1 else { continue }
      if words[0].hasPrefix("cpu/"), words[0].hasSuffix("/") {
        if let name { found[String(name)] = configuration(words[0].dropFirst(4).dropLast()) }
        name = nil
      } else if line.hasPrefix("  "), !line.hasPrefix("   ") {
        name = words[0]
      }
    }
    return found
  }

  private static func configuration(_ terms: Substring) -> UInt64 {
    terms.split(separator: ",").reduce(0) { sum, term in
      let parts = term.split(separator: "=")
      guard let field = fields.first(where: { $0.name == parts[0] }) else { return sum }
      let digits = parts.count > 1 ? parts[1].dropFirst(parts[1].hasPrefix("0x") ? 2 : 0) : "1"
      return sum | (UInt64(digits, radix: 16) ?? 0) << field.first
    }
  }
}
