import ProbeABI

/// A split virtqueue (virtio 1.2 §2.7).
///
/// Every tag has its descriptors for good, as many in a row as a chain may have parts or, with indirect descriptors, one: most of them never
/// change, so that their cache lines stay shared with the device, and there is no list of free ones to keep.
struct VirtioQueueSplit: VirtioQueue {
  static var isPacked: Bool { false }
  let depth: UInt16
  private let size: UInt16
  private let parts: UInt16
  private let isIndirect: Bool
  private let usesEvents: Bool
  private let descriptors: UnsafeMutablePointer<UInt64>
  private let available: UnsafeMutableRawPointer
  private let used: UnsafeMutableRawPointer
  /// Index of the next entry of the available ring, and what of it the device knows.
  private var added: UInt16 = 0
  private var published: UInt16 = 0
  /// Index of the next entry of the used ring, and how far the device was when last looked at.
  private var taken: UInt16 = 0
  private var returned: UInt16 = 0
  /// The used event that the device was told last.
  private var event: UInt16 = 0
  private var wantsInterrupts = true

  /// Halves of the index space: a used event there is reached by nothing for a long time.
  private static var far: UInt16 { 0x8000 }
  private static var near: UInt16 { 0x4000 }

  init(memory: VirtioQueueMemory, parts: UInt16, isIndirect: Bool, usesEvents: Bool) {
    size = memory.size
    depth = isIndirect ? min(memory.size, 256) : min(memory.size / parts, 256)
    self.parts = parts
    self.isIndirect = isIndirect
    self.usesEvents = usesEvents
    descriptors = memory.descriptors
    available = memory.driver
    used = memory.device
    suppressInterrupts()
  }

  private func slot(_ index: UInt16) -> Int { Int(index & (size &- 1)) }

  @inline(__always)
  mutating func add(_ chain: VirtioQueueChain, tag: UInt16) {
    let head: UInt16
    if isIndirect {
      head = tag
      link(chain, UnsafeMutablePointer(bitPattern: UInt(chain.table)).unsafelyUnwrapped, first: 0)
      let descriptor = descriptors + Int(head) &* 2
      virtioQueueStore(descriptor, chain.table)
      virtioQueueStore(
        descriptor + 1, 16 &* UInt64(chain.tailLength != 0 ? 3 : chain.count) | VirtioQueueFlag.indirect << 32)
    } else {
      head = tag &* parts
      link(chain, descriptors + Int(head) &* 2, first: head)
    }
    nm_store16(available + 4 + slot(added) &* 2, head)
    added &+= 1
  }

  /// Writes the chain's descriptors; without data the first one goes on at the third.
  @inline(__always)
  private func link(_ chain: VirtioQueueChain, _ target: UnsafeMutablePointer<UInt64>, first: UInt16) {
    let next = UInt64(first &+ (chain.length == 0 ? 2 : 1))
    let isLinked = chain.length != 0 || chain.tailLength != 0
    virtioQueueStore(target, chain.head)
    let headFlags = chain.headFlags | (isLinked ? VirtioQueueFlag.next : 0)
    virtioQueueStore(target + 1, UInt64(chain.headLength) | headFlags << 32 | (isLinked ? next << 48 : 0))
    if chain.length != 0 {
      let flags = chain.dataFlags | (chain.tailLength != 0 ? VirtioQueueFlag.next : 0)
      virtioQueueStore(target + 2, chain.data)
      virtioQueueStore(target + 3, UInt64(chain.length) | flags << 32 | UInt64(first &+ 2) << 48)
    }
    guard chain.tailLength != 0 else { return }
    virtioQueueStore(target + 4, chain.tail)
    virtioQueueStore(target + 5, UInt64(chain.tailLength) | VirtioQueueFlag.write << 32)
  }

  @inline(__always)
  mutating func publish() -> Bool {
    guard added != published else { return false }
    let old = published
    published = added
    nm_compiler_barrier()
    nm_store16(available + 2, added)
    // The device may be going to sleep: it says so before it looks at the index for the last time.
    nm_full_barrier()
    if usesEvents {
      return virtioQueueNeedsEvent(nm_load16(used + 4 + Int(size) &* 8), new: added, old: old)
    }
    return nm_load16(used) & 1 == 0
  }

  var hasUsed: Bool { nm_load16(used + 2) != taken }

  @inline(__always)
  mutating func next() -> VirtioQueueUsed? {
    if taken == returned {
      returned = nm_load16(used + 2)
      if taken == returned { return nil }
      nm_compiler_barrier()
    }
    let entry = used + 4 + slot(taken) &* 8
    let head = nm_load32(entry)
    let length = nm_load32(entry + 4)
    taken &+= 1
    if usesEvents, !wantsInterrupts, event &- taken < Self.near { moveEventAway() }
    if isIndirect { return VirtioQueueUsed(tag: head, length: length) }
    return VirtioQueueUsed(tag: tag(of: head), length: length)
  }

  /// The tag whose first descriptor is `head`. Division by a constant is cheaper than by a variable.
  @inline(__always)
  private func tag(of head: UInt32) -> UInt32 {
    let (tag, rest) =
      switch parts {
      case 1: (head, UInt32(0))
      case 2: (head >> 1, head & 1)
      default: head.quotientAndRemainder(dividingBy: 3)
      }
    return rest == 0 ? tag : VirtioQueueUsed.noTag
  }

  private mutating func moveEventAway() {
    event = taken &+ Self.far
    nm_store16(available + 4 + Int(size) &* 2, event)
  }

  mutating func suppressInterrupts() {
    guard wantsInterrupts else { return }
    wantsInterrupts = false
    if usesEvents { moveEventAway() } else { nm_store16(available, 1) }
  }

  mutating func requestInterrupt() {
    wantsInterrupts = true
    if usesEvents {
      event = taken
      nm_store16(available + 4 + Int(size) &* 2, event)
    } else {
      nm_store16(available, 0)
    }
  }
}
