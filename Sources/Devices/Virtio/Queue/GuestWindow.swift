import GuestMemory

/// A guest's RAM as plain numbers, for the data path: the checks of `GuestMemory` without its reference count.
///
/// Sound as long as the `GuestMemory` lives, which never unmaps or moves RAM before: whoever keeps a window keeps that too.
@safe struct GuestWindow: BitwiseCopyable, @unchecked Sendable {
  // @unchecked: constant numbers; the bytes behind them are shared with a running guest by design.

  private let lowHost: UnsafeMutableRawPointer
  private let lowCount: UInt64
  private let highHost: UnsafeMutableRawPointer
  private let highCount: UInt64

  init(_ memory: GuestMemory) {
    let regions = memory.regions
    unsafe lowHost = UnsafeMutableRawPointer(bitPattern: regions[0].host)!
    lowCount = regions[0].count
    unsafe highHost = regions.count > 1 ? UnsafeMutableRawPointer(bitPattern: regions[1].host)! : lowHost
    highCount = regions.count > 1 ? regions[1].count : 0
  }

  /// The host address of `count` bytes, or nil where any of them is not RAM.
  @inline(__always)
  func host(_ address: UInt64, _ count: UInt64) -> UnsafeMutableRawPointer? {
    if address < lowCount {
      return unsafe count <= lowCount - address ? lowHost + Int(address) : nil
    }
    guard address >= GuestMemory.highBase else { return nil }
    let inside = address - GuestMemory.highBase
    guard inside < highCount, count <= highCount - inside else { return nil }
    return unsafe highHost + Int(inside)
  }

  /// The host address of a virtqueue area.
  func area(
    _ name: String, _ address: GuestAddress, count: Int, alignment: UInt64
  ) throws(VirtqueueFailure) -> UnsafeMutableRawPointer {
    guard address.rawValue & (alignment - 1) == 0, let host = unsafe host(address.rawValue, UInt64(count)) else {
      throw .area(name, address)
    }
    return unsafe host
  }
}
