/// Where a guest's RAM lies in this process, as plain numbers: the one place where an address that a guest wrote becomes one of the
/// host's. What is not wholly RAM becomes nothing.
///
/// Guest-physical layout: RAM from 0 to at most 3 GiB, the rest from 4 GiB up; between them stand the devices.
///
/// For data that is read or written in place, by a data path that counts no references. The bytes belong to the guest and may change
/// at any moment: never decide anything on what is read through these pointers twice. Sound as long as the `GuestMemory` lives, which
/// never unmaps or moves RAM before: whoever keeps a window keeps that too.
@safe public struct GuestWindow: BitwiseCopyable, @unchecked Sendable {
  // @unchecked: constant numbers; the bytes behind them are shared with a running guest by design.

  /// First address that low RAM may not reach, and where high RAM starts.
  public static let lowLimit: UInt64 = 3 << 30
  public static let highBase: UInt64 = 4 << 30

  /// Bytes of RAM below 3 GiB, and from 4 GiB up.
  public let lowCount: UInt64
  public let highCount: UInt64
  /// Where the RAM below 3 GiB lies; what is above follows it.
  @usableFromInline let base: UnsafeMutableRawPointer

  /// - Parameters:
  ///   - base: the first of `size` bytes that outlive the window.
  ///   - size: bytes of RAM.
  init(base: UnsafeMutableRawPointer, size: UInt64) {
    unsafe self.base = unsafe base
    lowCount = min(size, Self.lowLimit)
    highCount = size - lowCount
  }

  /// The host address of `count` bytes from a guest-physical address; nil where any of them is not RAM.
  @inlinable @inline(__always)
  public func host(_ address: UInt64, _ count: UInt64) -> UnsafeMutableRawPointer? {
    if address < lowCount {
      return unsafe count <= lowCount - address ? base + Int(address) : nil
    }
    guard address >= Self.highBase else { return nil }
    let inside = address - Self.highBase
    guard inside < highCount, count <= highCount - inside else { return nil }
    return unsafe base + Int(lowCount + inside)
  }
}
