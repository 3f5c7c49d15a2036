/// A machine in one of its modes: the way that a workload's I/O takes.
///
/// Records hold it flat: `machine` and `mode` stand among their own fields.
public struct Path: Codable, Hashable, Sendable, CustomStringConvertible {
  public var machine: Machine
  public var mode: Mode

  public init(_ machine: Machine, _ mode: Mode) {
    self.machine = machine
    self.mode = mode
  }

  /// Bare metal, which has one mode.
  public static let native = Path(.native, .native)

  public var isNative: Bool { machine == .native }

  /// `native`, `nearmetal polled`.
  public var description: String { isNative ? "native" : "\(machine.rawValue) \(mode.rawValue)" }
}

extension Path: Comparable {
  /// Native first, then in the order in which ``Machine`` and ``Mode`` list their cases.
  public static func < (left: Path, right: Path) -> Bool { left.rank < right.rank }

  private var rank: Int {
    (Machine.allCases.firstIndex(of: machine) ?? 0) * Mode.allCases.count + (Mode.allCases.firstIndex(of: mode) ?? 0)
  }
}
