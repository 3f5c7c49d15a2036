import GuestMemory

/// One ring of 16-byte descriptors in guest memory (§3.2.6, §3.4).
struct E1000Ring {
  static let descriptorSize: UInt64 = 16

  private(set) var base: UInt64 = 0
  /// Bytes, a multiple of 128.
  private(set) var length: UInt32 = 0
  var head: UInt32 = 0
  var tail: UInt32 = 0

  /// Descriptors.
  var count: UInt32 { length / UInt32(Self.descriptorSize) }

  /// Whether head and tail lie in the ring. Nothing is done for a driver that set them otherwise.
  var isSound: Bool { head < count && tail < count }

  mutating func setBaseLow(_ value: UInt32) { base = base & ~0xffff_ffff | UInt64(value & ~0xf) }
  mutating func setBaseHigh(_ value: UInt32) { base = base & 0xffff_ffff | UInt64(value) << 32 }
  mutating func setLength(_ value: UInt32) { length = value & 0x000f_ff80 }

  /// Descriptors from the head that belong to the controller.
  var available: UInt32 { isSound ? (tail >= head ? tail - head : count - head + tail) : 0 }

  /// Where the descriptor at the head is; nil for a ring that leaves the address space.
  var current: GuestAddress? { GuestAddress(base).advanced(by: UInt64(head) * Self.descriptorSize) }

  mutating func advance() { head = head + 1 >= count ? 0 : head + 1 }
}

/// The two words of a descriptor.
struct E1000Descriptor {
  var address: UInt64
  var fields: UInt64

  /// nil where the ring lies outside memory.
  init?(_ memory: GuestMemory, _ place: GuestAddress?) {
    guard let place, let second = place.advanced(by: 8) else { return nil }
    do throws(GuestMemoryError) {
      address = try memory.load(place, as: UInt64.self)
      fields = try memory.load(second, as: UInt64.self)
    } catch { return nil }
  }
}
