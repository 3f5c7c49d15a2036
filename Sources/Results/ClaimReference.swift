/// What a claim calls 1.0.
public struct ClaimReference: Codable, Sendable, Hashable, CustomStringConvertible {
  public var machine: Machine
  public var mode: Mode

  public init(machine: Machine, mode: Mode) {
    self.machine = machine
    self.mode = mode
  }

  public static let native = ClaimReference(machine: .native, mode: .native)

  public var description: String { machine == .native ? "native" : "\(machine.rawValue) \(mode.rawValue)" }
}
