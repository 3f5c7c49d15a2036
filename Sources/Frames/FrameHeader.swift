/// What is left to do for a frame: the fields of `struct virtio_net_hdr` in its layout (virtio 1.2 §5.1.6), which is the one
/// that TAP devices and packet sockets take before a frame as well (`linux/virtio_net.h`). Integers are little-endian.
@frozen public struct FrameHeader: Hashable, Sendable, BitwiseCopyable {
  /// Bits of `flags`.
  public static let needsChecksum: UInt8 = 1
  public static let checksumIsValid: UInt8 = 2
  /// Values of `segmentation`.
  public static let noSegmentation: UInt8 = 0
  public static let tcp4: UInt8 = 1
  /// Bytes in memory.
  public static let size = 10

  public var flags: UInt8 = 0
  /// How the frame is to be cut: `noSegmentation` or `tcp4`.
  public var segmentation: UInt8 = noSegmentation
  /// Bytes of all headers, where there are segments.
  public var headerLength: UInt16 = 0
  /// Bytes of payload of each segment.
  public var segmentSize: UInt16 = 0
  /// Where the checksum's range begins, and where in that range it is stored; with `needsChecksum`.
  public var checksumStart: UInt16 = 0
  public var checksumOffset: UInt16 = 0

  @inlinable public init() {}
}
