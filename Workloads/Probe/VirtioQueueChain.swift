import ProbeABI

/// The memory of one request as the device sees it: a head, data, and a tail that the device writes. Not every request has
/// all three.
struct VirtioQueueChain: BitwiseCopyable {
  var head: UInt64
  var headLength: UInt32
  /// Whether the device writes the head.
  var headIsWritable: Bool
  /// Address and bytes of the data; no bytes where there is none.
  var data: UInt64
  var length: UInt32
  /// Whether the device writes the data.
  var isWritable: Bool
  /// Address and bytes of the tail; no bytes where there is none.
  var tail: UInt64
  var tailLength: UInt32
  /// Where an indirect table for the parts has its place; not used without indirect descriptors.
  var table: UInt64

  /// Parts that it has.
  @inline(__always)
  var count: UInt16 { 1 &+ (length != 0 ? 1 : 0) &+ (tailLength != 0 ? 1 : 0) }

  /// Flags of the head but for what links it, alike in both ring formats.
  @inline(__always)
  var headFlags: UInt64 { headIsWritable ? VirtioQueueFlag.write : 0 }
  @inline(__always)
  var dataFlags: UInt64 { isWritable ? VirtioQueueFlag.write : 0 }
}

/// A chain that the device returned, in its words.
struct VirtioQueueUsed: BitwiseCopyable {
  /// The tag; `noTag` for what cannot be one.
  var tag: UInt32
  /// Bytes that it says it wrote.
  var length: UInt32

  static var noTag: UInt32 { UInt32.max }
}

/// Bits of descriptors, alike in both ring formats (virtio 1.2 §2.7.5, §2.8.1).
enum VirtioQueueFlag {
  static var next: UInt64 { 1 }
  static var write: UInt64 { 2 }
  static var indirect: UInt64 { 4 }
}

/// Whether a step from `old` to `new` passes the index that the other side waits for (virtio 1.2 §2.7.7.2).
@inline(__always)
func virtioQueueNeedsEvent(_ event: UInt16, new: UInt16, old: UInt16) -> Bool {
  new &- event &- 1 < new &- old
}

/// Stores a word that the device reads, unless it has that value: its cache line then stays where it is.
@inline(__always)
func virtioQueueStore(_ address: UnsafeMutablePointer<UInt64>, _ value: UInt64) {
  if nm_load64(address) != value { nm_store64(address, value) }
}
