/// A slowdown of known size that a run was given on purpose, to see whether it is noticed. A result with one says nothing about
/// the host.
public struct InjectionRecord: Codable, Sendable, Equatable, CustomStringConvertible {
  public var kind: InjectionKind
  /// Above 0: percent for ``InjectionKind/ioSlow``, a number for ``InjectionKind/extraExits``, nanoseconds for the others.
  public var amount: Double

  public init(_ kind: InjectionKind, amount: Double) {
    self.kind = kind
    self.amount = amount
  }

  /// As the command line has it: `io-slow=10%`, `exit-delay=500ns`.
  public var description: String {
    let whole = Int64(exactly: amount).map(String.init) ?? String(amount)
    return "\(kind.rawValue)=\(whole)\(kind.unit)"
  }
}

/// Where a slowdown is added on purpose. Only legs of the `nearmetal` machine are slowed.
public enum InjectionKind: String, Codable, Sendable, CaseIterable {
  /// The disk's thread waits so many nanoseconds before each request.
  case ioDelay = "io-delay"
  /// The disk's thread waits before each request for so many percent of the time since the end of the wait before: of what the
  /// operation takes without it.
  case ioSlow = "io-slow"
  /// The vCPU's thread waits so many nanoseconds after each exit that user space answered.
  case exitDelay = "exit-delay"
  /// The guest waits so many nanoseconds in each operation.
  case guestDelay = "guest-delay"
  /// The guest leaves for the monitor so many times more for each request of a disk.
  case extraExits = "extra-exits"

  var unit: String {
    switch self {
    case .ioSlow: "%"
    case .extraExits: ""
    case .ioDelay, .exitDelay, .guestDelay: "ns"
    }
  }
}
