import Results

/// Where a leg ran: a machine and a mode.
struct Place: Hashable {
  let machine: Machine
  let mode: Mode

  static let native = Place(machine: .native, mode: .native)

  var isNative: Bool { machine == .native }

  /// `native`, `nearmetal polled`: unambiguous anywhere.
  var title: String { isNative ? "native" : "\(machine.rawValue) \(mode.rawValue)" }

  /// `polled`, `qemu polled`: inside a report, where the tool's own machine goes without saying.
  var short: String { machine == .qemu ? "qemu \(mode.rawValue)" : mode.rawValue }

  /// Native first, then by machine and mode as the design lists them.
  var rank: Int {
    (Machine.allCases.firstIndex(of: machine) ?? 0) * Mode.allCases.count + (Mode.allCases.firstIndex(of: mode) ?? 0)
  }

  var mark: Mark { Mark(machine, mode) }
}
