import Frames
import Glibc

/// The device's side of one transmit queue (virtio 1.2 §5.1.6.2).
@safe struct NetTransmitter: ~Copyable {
  /// Frames taken before another queue's turn.
  private static var turn: Int { 64 }

  /// The queue's place among those served.
  let queue: Int
  private var chain: DescriptorChain
  private let pieces: UnsafeMutablePointer<iovec>
  /// Room for a frame in more pieces than a link takes.
  private let gathered: UnsafeMutableRawPointer
  private var pieceCount = 0
  private var header = FrameHeader()
  private var bytes: UInt64 = 0
  /// Whether the frame in `chain` waits for room on the wire.
  private(set) var isHolding = false

  init(queue: Int, longest: Int) {
    self.queue = queue
    chain = DescriptorChain(capacity: longest)
    unsafe pieces = .allocate(capacity: FrameLimits.pieces)
    unsafe gathered = .allocate(byteCount: FrameLimits.longest, alignment: 64)
  }

  deinit {
    unsafe pieces.deallocate()
    unsafe gathered.deallocate()
  }

  /// The first bytes of the frame that was taken last; nil where its first buffer is shorter.
  func start(_ count: Int) -> UnsafeRawPointer? {
    unsafe pieceCount > 0 && pieces[0].iov_len >= count ? UnsafeRawPointer(pieces[0].iov_base) : nil
  }

  /// Sends what the driver has made available, at most a turn of it.
  /// - Parameter sent: called for every frame that was sent.
  /// - Returns: whether there was anything.
  @inline(__always)
  mutating func serve<Queue: DeviceQueue & ~Copyable>(
    _ queues: inout ServedQueues<Queue>, _ context: NetContext, sent: (borrowing NetTransmitter) -> Void
  ) throws(VirtqueueFailure) -> Bool {
    var taken = 0
    while taken < Self.turn, !context.isStopped {
      if !isHolding {
        guard try queues.pop(queue, &chain) else { break }
        taken += 1
        guard try prepare(context) else {
          context.counters.add(.malformed)
          queues.push(queue, id: chain.id, elements: chain.elements, written: 0)
          continue
        }
      }
      switch unsafe context.link.transmit(UnsafeBufferPointer(start: pieces, count: pieceCount), header) {
      case .sent:
        context.counters.add(.framesSent)
        context.counters.add(.bytesSent, bytes)
        sent(self)
      case .full:
        if !isHolding { context.counters.add(.stalls) }
        isHolding = true
        return taken > 0
      case .refused(let errno): refused(errno, context)
      }
      // A frame that was held is work that gets done now.
      if isHolding { taken += 1 }
      isHolding = false
      queues.push(queue, id: chain.id, elements: chain.elements, written: 0)
    }
    return taken > 0
  }

  @inline(never)
  private func refused(_ errno: Int32, _ context: NetContext) {
    context.counters.add(.refused)
    context.log.note("the wire does not take a frame", errno)
  }

  /// Takes the header off the chain and lays out its pieces. Returns whether the header can be true.
  @inline(__always)
  private mutating func prepare(_ context: NetContext) throws(VirtqueueFailure) -> Bool {
    var given = NetHeader()
    let isWhole = unsafe withUnsafeMutableBytes(of: &given) { unsafe chain.takeReadable($0) }
    guard isWhole else { throw .requestShape }
    bytes = chain.readableBytes
    guard let header = context.rules.checked(given.frame, count: bytes) else { return false }
    self.header = header
    pieceCount = chain.readableCount
    if pieceCount > FrameLimits.pieces {
      gather()
      return true
    }
    for index in 0..<pieceCount {
      let segment = chain[index]
      unsafe pieces[index] = unsafe iovec(iov_base: segment.host, iov_len: Int(segment.count))
    }
    return true
  }

  @inline(never)
  private mutating func gather() {
    let target = unsafe UnsafeMutableRawBufferPointer(start: gathered, count: Int(bytes))
    _ = unsafe chain.takeReadable(target)
    unsafe pieces[0] = unsafe iovec(iov_base: gathered, iov_len: target.count)
    pieceCount = 1
  }
}
