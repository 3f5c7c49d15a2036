import GuestMemory

/// The rings that a session serves, in memory allocated once, and what of them is not published yet.
@safe struct ServedQueues<Queue: DeviceQueue & ~Copyable>: ~Copyable {
  private let queues: UnsafeMutablePointer<Queue>
  private let numbers: [Int]
  private let sizes: [Int]
  private let interrupts: (any VirtioInterrupts)?
  /// Bit i: queue i is served; queue i has used buffers to publish.
  private var enabled: UInt32 = 0
  private var dirty: UInt32 = 0
  /// Whether interrupts are raised at all.
  var isInterrupting = true

  /// Elements of all rings, and of the longest.
  let totalSize: Int
  let longest: Int
  var count: Int { numbers.count }

  init(_ state: QueueHandover.State, memory: GuestMemory) throws(VirtqueueFailure) {
    let window = memory.window
    var chosen = [Int]()
    for number in state.layouts.indices where state.layouts[number] != nil { chosen.append(number) }
    unsafe queues = try Self.makeQueues(chosen.map { state.layouts[$0]! }, state.features, window)
    numbers = chosen
    sizes = chosen.map { Int(state.layouts[$0]!.size) }
    interrupts = state.interrupts
    totalSize = chosen.reduce(0) { $0 + Int(state.layouts[$1]!.size) }
    longest = chosen.reduce(1) { max($0, Int(state.layouts[$1]!.size)) }
    adopt(state)
  }

  private static func makeQueues(
    _ layouts: [VirtqueueLayout], _ features: VirtioFeatures, _ window: GuestWindow
  ) throws(VirtqueueFailure) -> UnsafeMutablePointer<Queue> {
    // Every layout is checked before memory is taken, so that a failure leaves nothing behind.
    for layout in layouts { _ = try Queue(layout, features: features, window: window) }
    let queues = UnsafeMutablePointer<Queue>.allocate(capacity: max(layouts.count, 1))
    for (index, layout) in layouts.enumerated() {
      let queue = try Queue(layout, features: features, window: window)
      unsafe (queues + index).initialize(to: consume queue)
    }
    return unsafe queues
  }

  deinit {
    unsafe queues.deinitialize(count: numbers.count)
    unsafe queues.deallocate()
  }

  /// Serves only what the state still has.
  mutating func adopt(_ state: QueueHandover.State) {
    enabled = 0
    for (index, number) in numbers.enumerated() where state.layouts[number] != nil { enabled |= 1 << UInt32(index) }
  }

  /// Where a queue stands among those served, by its number at the device; nil where it is not served.
  func position(of number: Int) -> Int? {
    numbers.firstIndex(of: number).flatMap { isEnabled($0) ? $0 : nil }
  }

  /// Elements of one ring.
  func size(_ index: Int) -> Int { sizes[index] }

  @inline(__always)
  func isEnabled(_ index: Int) -> Bool { enabled & (1 << UInt32(truncatingIfNeeded: index)) != 0 }

  @inline(__always)
  mutating func pop(_ index: Int, _ chain: inout DescriptorChain) throws(VirtqueueFailure) -> Bool {
    guard try unsafe queues[index].pop(&chain) else { return false }
    unsafe queues[index].prefetch()
    return true
  }

  @inline(__always)
  mutating func push(_ index: Int, id: UInt16, elements: UInt16, written: UInt32) {
    unsafe queues[index].push(id: id, elements: elements, written: written)
    dirty |= 1 << UInt32(truncatingIfNeeded: index)
  }

  /// Shows the driver what was used, and interrupts it where it wants that.
  /// - Returns: the interrupts.
  @inline(__always)
  mutating func publish() -> UInt64 {
    for index in SetBits(dirty) { unsafe queues[index].publish() }
    let raised = isInterrupting && dirty != 0 ? interrupt(dirty) : 0
    dirty = 0
    return raised
  }

  @inline(never)
  private mutating func interrupt(_ published: UInt32) -> UInt64 {
    var raised: UInt64 = 0
    for index in SetBits(published) {
      guard unsafe queues[index].wantsInterrupt() else { continue }
      raised += 1
      interrupts?.buffersUsed(in: numbers[index])
    }
    return raised
  }

  /// Asks for the doorbell of one queue; true where there is something already.
  mutating func enableDoorbell(_ index: Int) -> Bool { unsafe queues[index].enableDoorbell() }

  mutating func disableDoorbells() {
    for index in SetBits(enabled) { unsafe queues[index].disableDoorbell() }
  }

  /// Asks for doorbells; true where a ring has something already.
  mutating func enableDoorbells() -> Bool {
    var hasWork = false
    for index in SetBits(enabled) {
      if unsafe queues[index].enableDoorbell() { hasWork = true }
    }
    return hasWork
  }
}

/// The numbers of the bits that are set, the lowest first.
private struct SetBits: Sequence, IteratorProtocol {
  private var left: UInt32

  @inline(__always)
  init(_ bits: UInt32) { left = bits }

  @inline(__always)
  mutating func next() -> Int? {
    guard left != 0 else { return nil }
    defer { left &= left - 1 }
    return left.trailingZeroBitCount
  }
}
