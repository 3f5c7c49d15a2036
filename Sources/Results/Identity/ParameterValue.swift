/// The value of a workload's parameter: a quantity or a word.
///
/// Two values are equal if they mean the same, however they are written: `4KiB` is `4096`. What was written is kept to be
/// shown. Coded as that text.
public struct ParameterValue: Sendable, CustomStringConvertible {
  /// As it was written.
  public let text: String
  /// Bytes, nanoseconds or a plain number; nil for a word.
  public let quantity: UInt64?

  public init(_ text: String) {
    self.text = text
    quantity = Quantity.parse(text)
  }

  public var description: String { text }
}

extension ParameterValue: Hashable {
  public static func == (left: ParameterValue, right: ParameterValue) -> Bool {
    left.quantity == right.quantity && (left.quantity != nil || left.text == right.text)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(quantity)
    if quantity == nil { hasher.combine(text) }
  }
}

extension ParameterValue: ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self.init(text) }
}

extension ParameterValue: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
