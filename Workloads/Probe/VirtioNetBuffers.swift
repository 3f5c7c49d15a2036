import ProbeABI

/// Where received frames go: buffers side by side, so that a frame that takes up several of them lies in one piece.
///
/// Behind the last buffer there is room for the rest of a frame that goes on in the first one: it is copied there.
struct VirtioNetBuffers: BitwiseCopyable {
  let address: UInt64
  /// Bytes of each, and their number.
  let size: UInt32
  let count: UInt16

  /// Bytes of the longest frame with its header, where a device may deliver segments whole.
  private static var largest: UInt64 { UInt64(NM_NET_LARGE_FRAME) + 12 }

  init?(_ memory: inout Region, size: UInt32, count: UInt16, isMergeable: Bool) {
    let tail = isMergeable ? Self.largest : 0
    guard let region = memory.carve(UInt64(size) * UInt64(count) + tail) else { return nil }
    address = region.address
    self.size = size
    self.count = count
  }

  @inline(__always)
  func address(_ index: UInt16) -> UInt64 { address &+ UInt64(index) &* UInt64(size) }

  /// Makes a frame of `length` bytes that begins in buffer `first`, the header counted, lie in one piece. No other frame that
  /// is in use goes around the end.
  func join(_ first: UInt16, _ length: UInt32) {
    let end = address(count)
    let start = address(first)
    guard start &+ UInt64(length) > end else { return }
    let source = UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
    let target = UnsafeMutableRawPointer(bitPattern: UInt(end)).unsafelyUnwrapped
    target.copyMemory(from: source, byteCount: Int(start &+ UInt64(length) &- end))
  }
}
