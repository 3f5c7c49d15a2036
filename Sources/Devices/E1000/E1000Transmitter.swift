import Frames
import Glibc
import GuestMemory

/// The transmit side: fetches descriptors, gathers packets, hands frames to the wire (§3.3, §3.4).
@safe struct E1000Transmitter: ~Copyable {
  /// Descriptors and frames that one turn handles at most: a guest that asks for more gets further turns, so that the
  /// lock is never held for long.
  private static var turn: Int { 256 }

  /// How a turn ended.
  struct Turn {
    /// Whether the ring became empty.
    var isEmpty = false
    /// Whether a descriptor that wanted a report was done, and whether the interrupt of every such one may wait.
    var hasReported = false
    var mayWait = true
    /// There is more that could be done at once.
    var hasMore = false
    /// A frame waits for room on the wire.
    var isHolding = false
  }

  /// What becomes of the gathered packet.
  private enum Phase {
    case gathering
    case whole
    case segments
  }

  var ring = E1000Ring()
  /// For packets that stay whole, and for those that are cut (§3.3.6.1).
  private var context = E1000TransmitContext()
  private var segmentContext = E1000TransmitContext()
  private var packet = E1000Packet()
  private var phase = Phase.gathering
  /// The first descriptor of a packet decides for all of it.
  private var isFirst = true
  private var segments = false
  private var insertions: E1000Insertions = []
  /// A frame of a segmented packet for which there was no room.
  private var waiting: UnsafeRawBufferPointer?

  /// Does a turn of what the driver asked for.
  mutating func run(
    _ memory: GuestMemory, _ link: any FrameLink, padding: Bool, counters: inout E1000Counters, log: NetErrorLog
  ) -> Turn {
    var turn = Turn()
    var budget = Self.turn
    var hasSent = false
    while budget > 0 {
      budget -= 1
      if phase == .gathering {
        guard ring.available > 0 else { break }
        guard fetch(memory, limit: Int(link.mtu) + FrameLimits.taggedHeader, &turn, &counters) else { break }
        if ring.available == 0 { turn.isEmpty = true }
        continue
      }
      guard let frame = unsafe nextFrame(padding: padding) else {
        finish()
        continue
      }
      guard unsafe send(frame, link, &counters, log) else {
        unsafe waiting = frame
        turn.isHolding = true
        break
      }
      unsafe waiting = nil
      hasSent = true
      if phase == .whole { finish() }
    }
    if hasSent { link.flush() }
    turn.hasMore = budget == 0
    return turn
  }

  /// Takes the descriptor at the head.
  /// - Parameter limit: bytes of the longest frame that crosses the wire: its payload, an Ethernet header and a tag.
  /// - Returns: false where the ring cannot be read.
  private mutating func fetch(
    _ memory: GuestMemory, limit: Int, _ turn: inout Turn, _ counters: inout E1000Counters
  ) -> Bool {
    let place = ring.current
    guard let raw = E1000Descriptor(memory, place) else {
      counters.badDescriptors += 1
      ring.head = ring.tail
      return false
    }
    let descriptor = E1000TransmitDescriptor(raw)
    switch descriptor.format {
    case .context:
      let given = E1000TransmitContext(descriptor)
      if given.isForSegments { segmentContext = given } else { context = given }
    case .legacy, .data: gather(descriptor, memory, limit: limit, &counters)
    case .unknown: counters.badDescriptors += 1
    }
    if descriptor.wantsReport, let place, let status = place.advanced(by: 12) {
      do throws(GuestMemoryError) {
        try memory.store(E1000TransmitDescriptor.done, at: status)
        turn.hasReported = true
        if !descriptor.mayWait { turn.mayWait = false }
      } catch { counters.badDescriptors += 1 }
    }
    ring.advance()
    return true
  }

  private mutating func gather(
    _ descriptor: E1000TransmitDescriptor, _ memory: GuestMemory, limit: Int, _ counters: inout E1000Counters
  ) {
    let isExtended = descriptor.format == .data
    if isFirst {
      isFirst = false
      segments = isExtended && descriptor.command & E1000TransmitDescriptor.Command.segment != 0
      insertions = isExtended ? descriptor.insertions : []
    }
    let count = Int(descriptor.length)
    if count > 0, let room = unsafe packet.room(count) {
      do throws(GuestMemoryError) { unsafe try memory.read(GuestAddress(descriptor.address), into: room) } catch {
        // A buffer outside memory: what is sent is what was never there, zeros.
        unsafe room.initializeMemory(as: UInt8.self, repeating: 0)
        counters.badDescriptors += 1
      }
    }
    guard descriptor.isLast else { return }
    isFirst = true
    let isSound =
      segments ? packet.canSegment(segmentContext, limit: limit) : FrameLimits.ethernetHeader...limit ~= packet.count
    guard !packet.isTooLong, isSound else {
      counters.malformed += 1
      finish()
      return
    }
    if segments {
      counters.segmentedPackets += 1
      phase = .segments
      return
    }
    if insertions.contains(.network) { packet.insert(context.network) }
    if insertions.contains(.transport) { packet.insert(context.transport) }
    if !isExtended, descriptor.command & E1000TransmitDescriptor.Command.insertChecksum != 0 {
      packet.insert(.init(start: descriptor.checksumStart, offset: descriptor.checksumOffset, end: 0))
    }
    phase = .whole
  }

  private mutating func nextFrame(padding: Bool) -> UnsafeRawBufferPointer? {
    if let waiting = unsafe waiting { return unsafe waiting }
    return phase == .whole
      ? unsafe packet.whole(padding: padding)
      : unsafe packet.nextSegment(segmentContext, insertions)
  }

  private mutating func finish() {
    packet.clear()
    unsafe waiting = nil
    phase = .gathering
  }

  /// - Returns: false where there is no room for the frame.
  private func send(
    _ frame: UnsafeRawBufferPointer, _ link: any FrameLink, _ counters: inout E1000Counters, _ log: NetErrorLog
  ) -> Bool {
    var piece = unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: frame.baseAddress), iov_len: frame.count)
    let outcome = unsafe withUnsafePointer(to: &piece) {
      unsafe link.transmit(UnsafeBufferPointer(start: $0, count: 1), FrameHeader())
    }
    switch outcome {
    case .full: return false
    case .sent: unsafe counters.sent(unsafe frame)
    case .refused(let errno):
      counters.refused += 1
      log.note("the wire refused a frame", errno)
    }
    return true
  }
}
