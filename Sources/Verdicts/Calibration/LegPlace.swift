import Results

/// What the legs of one decision share.
struct LegPlace: Hashable, Sendable {
  let workload: String
  let parameters: [String: String]
  let machine: Machine
  let mode: Mode

  init(_ leg: LegRecord) {
    workload = leg.workload
    parameters = leg.parameters
    machine = leg.machine
    mode = leg.mode
  }

  /// `block.randread bs=4KiB, nearmetal polled`.
  var name: String {
    let path = machine == .native ? "native" : "\(machine.rawValue) \(mode.rawValue)"
    return "\(WorkloadName.text(workload, parameters)), \(path)"
  }

  /// The places of some legs, each once, in the order in which they first appear.
  static func all(in legs: [LegRecord]) -> [LegPlace] {
    var seen: Set<LegPlace> = []
    return legs.map(LegPlace.init).filter { seen.insert($0).inserted }
  }
}
