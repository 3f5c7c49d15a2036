/// A 64-bit seed. In JSON it is always a string of decimal digits: a JSON number above 2^53 does not survive many readers.
public struct Seed: Codable, Sendable, Hashable, CustomStringConvertible {
  public var value: UInt64

  public init(_ value: UInt64) {
    self.value = value
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = UInt64(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a string of decimal digits below 2^64, found \"\(text)\"")
    }
    self.value = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(value))
  }

  public var description: String { String(value) }
}
