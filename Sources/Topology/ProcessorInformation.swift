import LinuxSystem

/// The first processor's block of `/proc/cpuinfo`.
struct ProcessorInformation {
  private let fields: [Substring: Substring]

  init(files: HostFiles) throws(Unavailable) {
    var fields: [Substring: Substring] = [:]
    // The second processor's block would repeat the keys: only the first value of each is kept.
    for line in try files.lines("/proc/cpuinfo") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = line[..<colon].trimmed
      if fields[key] == nil { fields[key] = line[line.index(after: colon)...].trimmed }
    }
    self.fields = fields
  }

  /// A field's value.
  func field(_ name: Substring) throws(Unavailable) -> String {
    guard let value = fields[name], !value.isEmpty else { throw Unavailable("/proc/cpuinfo has no field \"\(name)\"") }
    return String(value)
  }

  /// The feature flags, with those that only VT-x lists ("vmx flags").
  var flags: Set<Substring> {
    let lists = [fields["flags"], fields["vmx flags"]].compactMap { $0 }
    return Set(lists.flatMap { $0.split(separator: " ") })
  }

  /// Those of `wanted` that are there, in the order of `wanted`; "none" when none is.
  func present(_ wanted: [Substring]) -> String {
    let flags = flags
    let found = wanted.filter(flags.contains)
    return found.isEmpty ? "none" : found.joined(separator: " ")
  }
}
