/// A part of the arena: `count` bytes from `address` on, not yet typed. Carving hands out its start. The arena's owner
/// vouches that they are mapped.
struct Region: BitwiseCopyable {
  private(set) var address: UInt64
  private(set) var count: UInt64

  /// Takes bytes from the start.
  /// - Parameters:
  ///   - bytes: how many.
  ///   - alignment: of the returned region's address, a power of two.
  /// - Returns: nil, and nothing is taken, when the region is too small.
  mutating func carve(_ bytes: UInt64, alignment: UInt64 = 4096) -> Region? {
    let padding = (0 &- address) & (alignment - 1)
    guard padding <= count, bytes <= count - padding else { return nil }
    let part = Region(address: address + padding, count: bytes)
    address += padding + bytes
    count -= padding + bytes
    return part
  }

  /// The region as elements of a type. Nothing is initialised; the types used here need no initialisation.
  @unsafe func pointer<Element: BitwiseCopyable>(to type: Element.Type) -> UnsafeMutablePointer<Element> {
    unsafe UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped.assumingMemoryBound(to: type)
  }
}
