/// A guest-physical address. Arithmetic is checked: an address never wraps.
public struct GuestAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: UInt64

  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The address `count` bytes further, or nil past 2^64.
  @inlinable
  public func advanced(by count: UInt64) -> GuestAddress? {
    let (sum, overflow) = rawValue.addingReportingOverflow(count)
    return overflow ? nil : GuestAddress(sum)
  }

  @inlinable
  public static func < (a: GuestAddress, b: GuestAddress) -> Bool { a.rawValue < b.rawValue }

  public var description: String { "0x" + String(rawValue, radix: 16) }
}
