import Results

extension InjectionRecord {
  /// Reads `io-delay=200ns`, `io-slow=10%`, `exit-delay=2us`, `guest-delay=50ns` or `extra-exits=1`; nil for anything else, for a
  /// delay that is not from 1 ns to 100 ms, a share that is not from 0.1 to 1000 percent, and exits that are not from 1 to 1000.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let kind = InjectionKind(rawValue: parts[0]) else { return nil }
    switch kind {
    case .ioSlow:
      guard parts[1].hasSuffix("%"), let percent = Double(parts[1].dropLast()), (0.1...1000).contains(percent) else {
        return nil
      }
      self.init(kind, amount: percent)
    case .extraExits:
      guard let exits = Int(parts[1]), (1...1000).contains(exits) else { return nil }
      self.init(kind, amount: Double(exits))
    case .ioDelay, .exitDelay, .guestDelay:
      guard ["ns", "us", "ms"].contains(where: parts[1].hasSuffix), let time = Quantity.parse(parts[1]),
        (1...100_000_000).contains(time)
      else { return nil }
      self.init(kind, amount: Double(time))
    }
  }

  /// What the command line expects.
  public static let expected =
    "io-delay=NS, exit-delay=NS or guest-delay=NS with a time such as 200ns or 2us, io-slow=PERCENT such as io-slow=10%, or "
    + "extra-exits=NUMBER"

  /// Workloads of a suite that it makes slower, as they are shown, each once.
  public func reached(in suite: Suite) -> [String] {
    var names: [String] = []
    for entry in suite.entries where entry.paths.contains(where: { kind.reaches(entry.definition, on: $0) }) {
      if !names.contains(entry.workload.description) { names.append(entry.workload.description) }
    }
    return names
  }
}

extension InjectionKind {
  /// Whether the measured window of a workload's leg becomes longer by it. The others run as always.
  public func reaches(_ workload: Workload, on path: Path) -> Bool {
    WorkloadCatalog[workload.id].map { reaches($0, on: path) } ?? false
  }

  func reaches(_ workload: WorkloadDefinition, on path: Path) -> Bool {
    guard path.machine == .nearmetal, workload.kind != .linux else { return false }
    switch self {
    // The disk's thread is another program's.
    case .ioDelay, .ioSlow: return workload.kind == .block && path.mode != .vhostUser
    case .extraExits: return workload.kind == .block
    case .exitDelay:
      return path.mode == .emulated || ["exits.pio.user", "exits.mmio.user", "boot"].contains(workload.id)
    case .guestDelay: return [.block, .compute, .bandwidth, .latency].contains(workload.kind)
    }
  }

  /// The same of a leg.
  public func reaches(_ leg: PlannedLeg) -> Bool { reaches(leg.entry.definition, on: leg.path) }
}
