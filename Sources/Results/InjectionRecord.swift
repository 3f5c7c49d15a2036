/// A slowdown of known size that a run was given on purpose, to see whether it is noticed. A result with one says nothing about
/// the host.
public struct InjectionRecord: Codable, Sendable, Equatable, CustomStringConvertible {
  public var kind: InjectionKind
  /// Above 0: percent for ``InjectionKind/ioSlow``, nanoseconds for the others.
  public var amount: Double

  public init(_ kind: InjectionKind, amount: Double) {
    self.kind = kind
    self.amount = amount
  }

  /// As the command line has it: `io-slow=10%`, `exit-delay=500ns`.
  public var description: String {
    let whole = Int64(exactly: amount).map(String.init) ?? String(amount)
    return "\(kind.rawValue)=\(whole)\(kind == .ioSlow ? "%" : "ns")"
  }
}
