import Frames

/// Which queue pair a flow's frames go to: the one on which the driver sent its last frame (virtio 1.2 §5.1.6.5.5.1). Flows that
/// hash alike share a pair.
@safe struct FlowTable: ~Copyable {
  /// Bytes of a frame that the hash may look at: Ethernet and IPv4 headers without options, and the ports.
  static let reach = 38

  private let pairs: UnsafeMutablePointer<UInt8>
  private static let count = 256

  init() {
    unsafe pairs = .allocate(capacity: Self.count)
    unsafe pairs.initialize(repeating: 0, count: Self.count)
  }

  deinit {
    unsafe pairs.deallocate()
  }

  /// The same for both directions of a flow. The bytes may change while they are read, which then makes another flow of it.
  private static func hash(_ frame: UnsafeRawPointer) -> Int {
    guard unsafe frame.loadUnaligned(fromByteOffset: 12, as: UInt16.self) == 0x0008 else { return 0 }
    let source = unsafe frame.loadUnaligned(fromByteOffset: 26, as: UInt32.self)
    let target = unsafe frame.loadUnaligned(fromByteOffset: 30, as: UInt32.self)
    let ports = unsafe frame.loadUnaligned(fromByteOffset: 34, as: UInt32.self)
    let mixed = (source ^ target) &* 0x9e37_79b1 ^ (ports ^ (ports >> 16)) &* 0x85eb_ca6b
    return Int((mixed ^ mixed >> 15) & 0xff)
  }

  /// Learns where a flow was sent from. Its first `reach` bytes can be read.
  func learn(_ frame: UnsafeRawPointer, pair: Int) {
    let index = unsafe Self.hash(frame)
    unsafe pairs[index] = UInt8(truncatingIfNeeded: pair)
  }

  func pair(of frame: UnsafeRawPointer) -> Int {
    let index = unsafe Self.hash(frame)
    return unsafe Int(pairs[index])
  }
}
