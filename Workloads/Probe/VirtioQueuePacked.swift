import ProbeABI

/// A packed virtqueue (virtio 1.2 §2.8): one ring of descriptors that both sides write, in which a descriptor's flags
/// say whose it is.
struct VirtioQueuePacked: VirtioQueue {
  static var isPacked: Bool { true }
  let depth: UInt16
  private let size: UInt16
  private let isIndirect: Bool
  private let usesEvents: Bool
  private let descriptors: UnsafeMutablePointer<UInt64>
  /// The event suppression structures: what the driver asks for, what the device asks for.
  private let driverEvent: UnsafeMutableRawPointer
  private let deviceEvent: UnsafeMutableRawPointer
  /// Where the next chain goes, and the driver's wrap counter as the flags that make a descriptor available.
  private var place: UInt16 = 0
  private var availableFlags: UInt64 = Self.availableBit
  /// Descriptors added since the last `publish`.
  private var added: UInt16 = 0
  /// Where the device's next answer stands, and the flags that it has then.
  private var usedPlace: UInt16 = 0
  private var usedFlags: UInt64 = Self.availableBit | Self.usedBit
  /// Descriptors of the chain of every tag.
  private var lengths = InlineArray<256, UInt8>(repeating: 1)

  private static var availableBit: UInt64 { 1 << 7 }
  private static var usedBit: UInt64 { 1 << 15 }

  private enum Event {
    static var enable: UInt16 { 0 }
    static var disable: UInt16 { 1 }
    static var descriptor: UInt16 { 2 }
  }

  init(memory: VirtioQueueMemory, parts: UInt16, isIndirect: Bool, usesEvents: Bool) {
    size = memory.size
    depth = isIndirect ? min(memory.size, 256) : min(memory.size / parts, 256)
    self.isIndirect = isIndirect
    self.usesEvents = usesEvents
    descriptors = memory.descriptors
    driverEvent = memory.driver
    deviceEvent = memory.device
    suppressInterrupts()
  }

  @inline(__always)
  mutating func add(_ chain: VirtioQueueChain, tag: UInt16) {
    let identifier = UInt64(tag) << 32
    let data = UInt64(chain.length) | chain.dataFlags << 48
    let tail = UInt64(chain.tailLength) | VirtioQueueFlag.write << 48
    if isIndirect {
      let table = UnsafeMutablePointer<UInt64>(bitPattern: UInt(chain.table)).unsafelyUnwrapped
      virtioQueueStore(table, chain.head)
      virtioQueueStore(table + 1, UInt64(chain.headLength) | chain.headFlags << 48)
      var end = table + 2
      if chain.length != 0 {
        virtioQueueStore(table + 2, chain.data)
        virtioQueueStore(table + 3, data)
        end = table + 4
      }
      if chain.tailLength != 0 {
        virtioQueueStore(end, chain.tail)
        virtioQueueStore(end + 1, tail)
      }
      let head = descriptors + Int(place) &* 2
      nm_store64(head, chain.table)
      nm_compiler_barrier()
      nm_store64(
        head + 1, UInt64(16 &* chain.count) | identifier | (VirtioQueueFlag.indirect | availableFlags) << 48)
      advance()
      added &+= 1
      return
    }
    // The head's flags are stored last: with them the whole chain is the device's.
    let head = descriptors + Int(place) &* 2
    let link = chain.count > 1 ? VirtioQueueFlag.next : 0
    let flags = UInt64(chain.headLength) | identifier | (chain.headFlags | link | availableFlags) << 48
    nm_store64(head, chain.head)
    advance()
    if chain.length != 0 {
      put(chain.data, data | identifier | (chain.tailLength != 0 ? VirtioQueueFlag.next : 0) << 48)
    }
    if chain.tailLength != 0 { put(chain.tail, tail | identifier) }
    nm_compiler_barrier()
    nm_store64(head + 1, flags)
    lengths[Int(tag)] = UInt8(truncatingIfNeeded: chain.count)
    added &+= chain.count
  }

  /// Writes a descriptor that is not the first of its chain.
  @inline(__always)
  private mutating func put(_ address: UInt64, _ rest: UInt64) {
    let descriptor = descriptors + Int(place) &* 2
    nm_store64(descriptor, address)
    nm_store64(descriptor + 1, rest | availableFlags << 48)
    advance()
  }

  @inline(__always)
  private mutating func advance() {
    place &+= 1
    if place == size {
      place = 0
      availableFlags ^= Self.availableBit | Self.usedBit
    }
  }

  @inline(__always)
  mutating func publish() -> Bool {
    guard added != 0 else { return false }
    let count = added
    added = 0
    // The device may be going to sleep: it says so before it looks at the ring for the last time.
    nm_full_barrier()
    let event = nm_load32(deviceEvent)
    switch UInt16(truncatingIfNeeded: event >> 16) & 3 {
    case Event.disable: return false
    case Event.descriptor where usesEvents:
      let position = UInt16(truncatingIfNeeded: event)
      let isSameRound = (position >> 15 == 1) == (availableFlags & Self.availableBit != 0)
      let wanted = (position & 0x7fff) &- (isSameRound ? 0 : size)
      return virtioQueueNeedsEvent(wanted, new: place, old: place &- count)
    default: return true
    }
  }

  private func isUsed(_ word: UInt64) -> Bool {
    word >> 48 & (Self.availableBit | Self.usedBit) == usedFlags
  }

  var hasUsed: Bool { isUsed(nm_load64(descriptors + Int(usedPlace) &* 2 + 1)) }

  @inline(__always)
  mutating func next() -> VirtioQueueUsed? {
    let word = nm_load64(descriptors + Int(usedPlace) &* 2 + 1)
    guard isUsed(word) else { return nil }
    nm_compiler_barrier()
    let tag = UInt32(truncatingIfNeeded: word >> 32 & 0xffff)
    usedPlace &+= tag < UInt32(depth) && !isIndirect ? UInt16(lengths[Int(tag)]) : 1
    if usedPlace >= size {
      usedPlace &-= size
      usedFlags ^= Self.availableBit | Self.usedBit
    }
    return VirtioQueueUsed(tag: tag, length: UInt32(truncatingIfNeeded: word))
  }

  mutating func suppressInterrupts() {
    nm_store16(driverEvent + 2, Event.disable)
  }

  mutating func requestInterrupt() {
    if usesEvents {
      nm_store16(driverEvent, usedPlace | (usedFlags != 0 ? 0x8000 : 0))
      nm_compiler_barrier()
      nm_store16(driverEvent + 2, Event.descriptor)
    } else {
      nm_store16(driverEvent + 2, Event.enable)
    }
  }
}
