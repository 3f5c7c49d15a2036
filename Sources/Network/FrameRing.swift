import CLinux
import ProbeABI

/// A ring of frames between one thread that fills it and one that empties it, without locks: each place is a cache line that says
/// itself whether it is filled, so that passing a frame costs one line, and its data where they are. Frames are passed by
/// reference, as virtqueues pass them.
/// Sound as `@safe` because positions are masked; the threads keep to their sides.
@safe struct FrameRing: ~Copyable {
  /// Places.
  static var count: UInt64 { 256 }
  private static var line: Int { 64 }

  /// Places, then a line of its own for the emptier's position.
  private let memory: UnsafeMutableRawPointer

  init() {
    let size = (Int(Self.count) + 1) * Self.line
    unsafe memory = .allocate(byteCount: size, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
  }

  deinit {
    unsafe memory.deallocate()
  }

  @unsafe @inline(__always)
  private func place(_ position: UInt64) -> UnsafeMutableRawPointer {
    unsafe memory + Int(position & (Self.count &- 1)) &* Self.line
  }

  /// Fills a place that is free; the frame's data are visible before.
  @inline(__always)
  func fill(_ position: UInt64, _ frame: nm_net_frame) {
    let place = unsafe place(position)
    unsafe place.storeBytes(of: frame, toByteOffset: 8, as: nm_net_frame.self)
    nm_compiler_barrier()
    unsafe nm_store64(place, position &+ 1)
  }

  /// The frame at a position; nil while the place is not filled.
  @inline(__always)
  func take(_ position: UInt64) -> nm_net_frame? {
    let place = unsafe place(position)
    guard unsafe nm_load64(place) == position &+ 1 else { return nil }
    nm_compiler_barrier()
    return unsafe place.load(fromByteOffset: 8, as: nm_net_frame.self)
  }

  /// How far it was emptied: all before this position is free. The emptier stores it, the filler loads it.
  var emptied: UInt64 {
    @inline(__always) get { unsafe nm_load64(memory + Int(Self.count) &* Self.line) }
    @inline(__always) nonmutating set {
      nm_compiler_barrier()
      unsafe nm_store64(memory + Int(Self.count) &* Self.line, newValue)
    }
  }
}
