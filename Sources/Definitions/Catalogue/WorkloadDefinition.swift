import Results

/// One workload as suites and lists know it: a row of the catalogue.
public struct WorkloadDefinition: Sendable {
  /// What kind of figures a workload gives.
  public enum Kind: String, Sendable, CaseIterable {
    /// Operations a second; one operation is one step of the kernel.
    case compute
    /// Bytes a second.
    case bandwidth
    /// Nanoseconds an access, measured over batches.
    case latency
    /// Nanoseconds an operation, each timed alone.
    case operations
    /// What it costs to leave the guest; there is nothing native to compare it with.
    case exits
    /// From creating a machine to its records.
    case boot
    /// Input and output of a disk.
    case block
    /// Frames through a network interface.
    case net
    /// A user's own work under Linux.
    case linux
  }

  public let id: String
  public let kind: Kind
  /// One sentence.
  public let summary: String
  /// The parameters that it takes, in the order in which lists show them.
  public let parameters: [ParameterDefinition]
  /// Whether it changes what is on a disk.
  public let writes: Bool
  /// Sets of parameters of which exactly one must be given; most workloads have none.
  public let required: [[String]]

  init(
    _ kind: Kind, _ id: String, _ summary: String, _ parameters: [ParameterDefinition] = [], required: [[String]] = [],
    writes: Bool = false
  ) {
    self.id = id
    self.kind = kind
    self.summary = summary
    self.parameters = parameters
    self.required = required
    self.writes = writes
  }

  /// The paths that the workload can take.
  public var paths: [Path] {
    switch kind {
    case .compute, .bandwidth, .latency, .operations: [.native, Path(.nearmetal, .guest), Path(.qemu, .guest)]
    // A crowd of processes is what a crowd of guests is held against; one process tells nothing of one boot.
    case .boot where takesCrowd: [.native, Path(.nearmetal, .guest), Path(.qemu, .guest)]
    case .exits, .boot: [Path(.nearmetal, .guest), Path(.qemu, .guest)]
    case .block:
      [
        .native, Path(.nearmetal, .emulated), Path(.nearmetal, .paravirtual), Path(.nearmetal, .polled),
        Path(.nearmetal, .vhostUser), Path(.qemu, .emulated), Path(.qemu, .paravirtual),
      ]
    case .net:
      [
        .native, Path(.nearmetal, .emulated), Path(.nearmetal, .paravirtual), Path(.nearmetal, .polled),
        Path(.nearmetal, .vhost), Path(.qemu, .emulated), Path(.qemu, .paravirtual),
      ]
    case .linux where id == Self.linuxPerf: [.native, Path(.nearmetal, .guest), Path(.qemu, .guest)]
    // The host's own boot is nothing that a run could repeat.
    case .linux:
      (id == Self.linuxBoot ? [] : [.native]) + [
        Path(.nearmetal, .emulated), Path(.nearmetal, .paravirtual), Path(.qemu, .emulated), Path(.qemu, .paravirtual),
      ]
    }
  }

  /// The paths in words, those apart that a suite has to ask for.
  public var pathText: String {
    let (others, usual) = (paths.filter(\.mode.isOnRequest), paths.filter { !$0.mode.isOnRequest })
    let text = usual.map(\.description).joined(separator: ", ")
    let asked = others.map(\.description).joined(separator: ", ")
    return asked.isEmpty ? text : "\(text); where a suite asks for it, \(asked)"
  }

  /// The one that has no work but to boot.
  static let linuxBoot = "linux.boot"
  /// Those with a network interface, and with no device at all.
  static let linuxIperf = "linux.iperf3"
  static let linuxPerf = "linux.perf"

  /// Whether it starts many guests.
  var takesCrowd: Bool { parameter(Self.crowd) != nil }

  /// The parameter that says how many.
  static let crowd = "guests"

  /// What is wrong with a set of parameters as a whole, each of which is allowed; nil where nothing is.
  func problem(with parameters: [String: ParameterValue]) -> String? {
    let names = Set(parameters.keys)
    if kind == .block, let problem = DiskSpecification.problem(with: parameters) { return problem }
    if id == Self.linuxPerf, let problem = PerfSpecification.problem(with: parameters) { return problem }
    if names.contains("transfer"),
      let other = (["transport", "ring", VirtioSpecification.queue] + Concurrency.names).first(where: names.contains)
    {
      return "transfer, which is for emulated disks, or \(other), which is for virtio ones"
    }
    for choice in required where names.intersection(choice).count != 1 {
      return "\(choice.joined(separator: " or ")) for \(id)" + (names.isDisjoint(with: choice) ? "" : ", not both")
    }
    return nil
  }

  /// The definition of a parameter; nil where the workload takes none of that name.
  public func parameter(_ name: String) -> ParameterDefinition? { parameters.first { $0.name == name } }
}

extension Mode {
  /// Whether a suite that names no modes does without it: it measures another program, which a host may have or not.
  var isOnRequest: Bool { self == .vhostUser }
}
