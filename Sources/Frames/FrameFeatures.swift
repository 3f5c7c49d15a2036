/// What one side of a link takes over from the other.
@frozen public struct FrameFeatures: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// It finishes checksums.
  public static let checksum = FrameFeatures(rawValue: 1)
  /// It takes TCP segments over IPv4 of up to 64 KiB whole; always with `checksum`.
  public static let tcp4 = FrameFeatures(rawValue: 2)
}
