import Frames
import Glibc

/// The device's side of one receive queue (virtio 1.2 §5.1.6.3, §5.1.6.4).
@safe struct NetReceiver: ~Copyable {
  /// Frames taken before another queue's turn, and those that are published together.
  static var turn: Int { 64 }
  private static var publishLimit: Int { 4 }
  /// A first piece as long as this takes the header and the start of a frame: no frame goes by way of the bounce buffer.
  private static var shortestInPlace: Int { NetHeader.size + FrameLimits.ethernetHeader }

  /// The queue's place among those served.
  let queue: Int
  private var chain: DescriptorChain
  private var buffers: ReceiveBuffers
  /// Places of the ring.
  private let size: Int
  /// Bytes of a frame in the bounce buffer that waits for more buffers, and what is left to do for it; 0 where none does.
  private var heldCount = 0
  private var heldHeader = FrameHeader()

  init(queue: Int, size: Int, longest: Int) {
    self.queue = queue
    self.size = size
    chain = DescriptorChain(capacity: longest)
    buffers = ReceiveBuffers(longest: longest)
  }

  /// Whether no frame can be received until the driver gives more buffers.
  var isStarved: Bool { buffers.isEmpty || heldCount > 0 }

  /// Takes as many buffers as the longest frame may need, if there are as many: without mergeable buffers one.
  @inline(__always)
  private mutating func fill<Queue: DeviceQueue & ~Copyable>(
    _ queues: inout ServedQueues<Queue>, _ rules: NetRules
  ) throws(VirtqueueFailure) {
    let wanted = rules.isMergeable ? NetHeader.size + rules.longestReceived : 1
    while buffers.bytes < wanted, buffers.pieceCount < FrameLimits.pieces - 1, try queues.pop(queue, &chain) {
      guard chain.writableBytes > 0 else { throw .receiveBuffer }
      buffers.append(chain)
    }
  }

  /// Receives what the wire has, at most a turn of it, and publishes it.
  /// - Returns: whether there was anything.
  @inline(__always)
  mutating func serve<Queue: DeviceQueue & ~Copyable>(
    _ queues: inout ServedQueues<Queue>, _ context: NetContext, _ filter: NetFilter
  ) throws(VirtqueueFailure) -> Bool {
    var taken = 0
    var unpublished = 0
    while taken < Self.turn, !context.isStopped {
      try fill(&queues, context.rules)
      if buffers.isEmpty { break }
      if heldCount > 0 {
        if lacksBuffers(heldCount, context.rules) { break }
        let count = heldCount
        heldCount = 0
        taken += 1
        if deliver(count, heldHeader, isBounced: true, &queues, context) { unpublished += 1 }
        continue
      }
      var header = FrameHeader()
      let isInPlace = buffers.firstCount >= Self.shortestInPlace && buffers.pieceCount < FrameLimits.pieces
      let count = isInPlace ? receiveInPlace(&header, context) : Self.receiveBounced(&header, context)
      guard count > 0 else { break }
      taken += 1
      let destination = isInPlace ? buffers.destination : Self.bouncedDestination(context)
      guard filter.takes(destination) else {
        context.counters.add(.filtered)
        continue
      }
      if lacksBuffers(count, context.rules) {
        hold(count, header, isBounced: !isInPlace, context)
        break
      }
      if deliver(count, header, isBounced: !isInPlace, &queues, context) { unpublished += 1 }
      if unpublished >= Self.publishLimit {
        unpublished = 0
        context.counters.add(.interrupts, queues.publish())
      }
    }
    if unpublished > 0 { context.counters.add(.interrupts, queues.publish()) }
    return taken > 0
  }

  /// Whether a frame must wait for buffers that the driver can still give. One that the whole ring has no room for need not.
  @inline(__always)
  private func lacksBuffers(_ count: Int, _ rules: NetRules) -> Bool {
    let total = NetHeader.size + count
    return total > buffers.bytes && rules.isMergeable && total <= NetContext.bounceSize && buffers.elements < size
      && buffers.pieceCount < FrameLimits.pieces - 1
  }

  /// Keeps a frame in the bounce buffer, which nothing else uses where there is one receive queue.
  @inline(never)
  private mutating func hold(_ count: Int, _ header: FrameHeader, isBounced: Bool, _ context: NetContext) {
    if !isBounced {
      unsafe buffers.collect(count, spill: context.spill, to: context.bounce + NetHeader.size)
    }
    heldCount = count
    heldHeader = header
    context.counters.add(.shortages)
  }

  @inline(__always)
  private mutating func receiveInPlace(_ header: inout FrameHeader, _ context: NetContext) -> Int {
    let count = unsafe buffers.withFramePieces(spill: context.spill) {
      unsafe context.link.receive(into: $0, &header)
    }
    if count < 0 { context.failed(count) }
    return count
  }

  /// Receives a frame into the bounce buffer, behind the place of its header.
  static func receiveBounced(_ header: inout FrameHeader, _ context: NetContext) -> Int {
    var piece = unsafe iovec(
      iov_base: context.bounce + NetHeader.size, iov_len: NetContext.bounceSize - NetHeader.size)
    let count = unsafe withUnsafePointer(to: &piece) {
      unsafe context.link.receive(into: UnsafeBufferPointer(start: $0, count: 1), &header)
    }
    if count < 0 { context.failed(count) }
    return count
  }

  static func bouncedDestination(_ context: NetContext) -> EthernetAddress {
    let start = unsafe context.bounce + NetHeader.size
    return unsafe EthernetAddress(rawValue: UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)))
  }

  /// Gives the driver a frame that lies in the bounce buffer.
  /// - Returns: whether it got it.
  mutating func deliverBounced<Queue: DeviceQueue & ~Copyable>(
    _ count: Int, _ header: FrameHeader, _ queues: inout ServedQueues<Queue>, _ context: NetContext
  ) throws(VirtqueueFailure) -> Bool {
    try fill(&queues, context.rules)
    return deliver(count, header, isBounced: true, &queues, context)
  }

  @inline(__always)
  private mutating func deliver<Queue: DeviceQueue & ~Copyable>(
    _ count: Int, _ given: FrameHeader, isBounced: Bool, _ queues: inout ServedQueues<Queue>, _ context: NetContext
  ) -> Bool {
    guard let accepted = context.rules.acceptable(given) else {
      context.counters.add(.unaccepted)
      return false
    }
    let total = NetHeader.size + count
    guard total <= min(buffers.bytes, NetContext.bounceSize) else {
      context.counters.add(.overruns)
      return false
    }
    let header = NetHeader(frame: accepted, buffers: UInt16(truncatingIfNeeded: buffers.chainCount(for: total)))
    if isBounced {
      unsafe context.bounce.storeBytes(of: header, as: NetHeader.self)
      unsafe buffers.copy(from: context.bounce, count: total)
    } else {
      buffers.store(header)
    }
    buffers.use(total, &queues, queue)
    context.counters.add(.framesReceived)
    context.counters.add(.bytesReceived, UInt64(count))
    return true
  }
}
