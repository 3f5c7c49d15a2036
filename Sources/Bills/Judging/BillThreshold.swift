/// What a line may cost more before that is called a regression.
public enum BillThreshold: Sendable, Equatable, CustomStringConvertible {
  /// A share of the base, from 0 to below 1.
  case share(Double)
  /// Instructions, from 0.
  case instructions(Double)

  /// Reads `0.2%` or `20`; nil for anything else.
  public init?(_ text: String) {
    let isShare = text.hasSuffix("%")
    guard let number = Double(isShare ? text.dropLast() : text[...]), number.isFinite, number >= 0,
      !isShare || number < 100
    else { return nil }
    self = isShare ? .share(number / 100) : .instructions(number)
  }

  /// Instructions that it allows on a base.
  func allowed(_ base: Double) -> Double {
    switch self {
    case .share(let share): base * share
    case .instructions(let count): count
    }
  }

  public var description: String {
    switch self {
    case .share(let share): "\(Self.rounded(share * 100)) %"
    case .instructions(let count): "\(Self.rounded(count)) instructions"
    }
  }

  private static func rounded(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
  }
}
