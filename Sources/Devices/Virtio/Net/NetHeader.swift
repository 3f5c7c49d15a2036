import Frames

/// What stands before every frame in a virtqueue (virtio 1.2 §5.1.6): 12 bytes in every version of the interface that this
/// device has.
struct NetHeader: BitwiseCopyable {
  static let size = 12

  var frame = FrameHeader()
  /// Chains that a received frame takes up.
  var buffers: UInt16 = 0
}
