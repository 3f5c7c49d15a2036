/// A station's address (IEEE 802.3 §3.2.3).
@frozen public struct EthernetAddress: Hashable, Sendable, CustomStringConvertible {
  /// The six bytes, the first on the wire in the lowest bits: what a little-endian load of them gives.
  public let rawValue: UInt64

  /// - Parameter rawValue: bits above the lowest 48 are ignored.
  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue & 0xffff_ffff_ffff
  }

  /// The address with these bytes, of which there are six.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == 6, "an Ethernet address has six bytes")
    rawValue = bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  public static let broadcast = EthernetAddress(rawValue: .max)

  /// Whether it names a group of stations, as the broadcast address does.
  @inlinable public var isGroup: Bool { rawValue & 1 != 0 }

  /// In the order of the wire.
  public var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> (8 * $0)) } }

  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}
