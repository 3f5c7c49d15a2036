import Frames
import Glibc
import GuestMemory

/// The receive side: takes frames from the wire into the driver's buffers (§3.2).
@safe struct E1000Receiver: ~Copyable {
  /// Frames that one turn takes at most.
  private static var turn: Int { 64 }
  /// Longest frame without long packets, with a tag and without its check sequence.
  private static var longestFrame: Int { FrameLimits.longestPlain }
  /// Longest frame with them (§13.4.22, LPE).
  private static var longestLongFrame: Int { 16384 - 4 }
  private static var checkSequence: Int { 4 }

  /// Bits of a descriptor's status byte (§3.2.3.1).
  private enum Status {
    static let done: UInt8 = 1 << 0
    static let endOfPacket: UInt8 = 1 << 1
    /// The checksum bits are not valid.
    static let ignoreChecksum: UInt8 = 1 << 2
  }

  /// How a turn ended.
  struct Turn {
    /// Causes of interrupts that wait for nothing.
    var causes: UInt32 = 0
    /// Whether the driver got a frame.
    var hasDelivered = false
    /// There may be more on the wire.
    var hasMore = false
    /// There is no buffer until the driver gives some.
    var isStarved = false
  }

  var ring = E1000Ring()
  private let buffer: UnsafeMutableRawBufferPointer

  init() {
    unsafe buffer = .allocate(byteCount: FrameLimits.longest + Self.checkSequence, alignment: 64)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// Bytes of each of the driver's buffers (§13.4.22, BSIZE and BSEX).
  private static func bufferSize(_ control: UInt32) -> Int {
    let size = 2048 >> Int(control >> 16 & 3)
    // The extended sizes are 16 times those; the first of them is reserved, and read as the ordinary one.
    return control & E1000ReceiveControl.extendedSize != 0 && size < 2048 ? size * 16 : size
  }

  /// Takes what the wire has, at most a turn of it.
  mutating func run(
    _ memory: GuestMemory, _ link: any FrameLink, control: UInt32, filter: E1000Filter, counters: inout E1000Counters,
    log: NetErrorLog
  ) -> Turn {
    var turn = Turn()
    for _ in 0..<Self.turn {
      guard ring.available > 0 else {
        turn.isStarved = true
        return turn
      }
      let count = receive(link, log)
      guard count > 0 else { return turn }
      guard let length = acceptable(count, control, filter, &counters) else { continue }
      if deliver(length, memory, bufferSize: Self.bufferSize(control), &counters) {
        turn.hasDelivered = true
      } else {
        turn.causes |= E1000Cause.receiveOverrun
      }
      let threshold = max(1, ring.count >> (1 + min(2, control >> 8 & 3)))
      if ring.available <= threshold { turn.causes |= E1000Cause.receiveThreshold }
    }
    turn.hasMore = true
    return turn
  }

  private func receive(_ link: any FrameLink, _ log: NetErrorLog) -> Int {
    var piece = unsafe iovec(iov_base: buffer.baseAddress, iov_len: FrameLimits.longest)
    var header = FrameHeader()
    let count = unsafe withUnsafePointer(to: &piece) {
      unsafe link.receive(into: UnsafeBufferPointer(start: $0, count: 1), &header)
    }
    if count < 0 { log.note("the wire failed", Int32(clamping: 0 &- count)) }
    return count
  }

  /// The bytes that the driver gets of a frame in `buffer`; nil where it does not get it.
  private func acceptable(
    _ count: Int, _ control: UInt32, _ filter: E1000Filter, _ counters: inout E1000Counters
  ) -> Int? {
    let longest = control & E1000ReceiveControl.longPackets != 0 ? Self.longestLongFrame : Self.longestFrame
    guard count <= longest else {
      counters.oversized += 1
      return nil
    }
    guard count >= FrameLimits.ethernetHeader else {
      counters.undersized += 1
      return nil
    }
    // Wires of software carry frames that are shorter than any on a cable; drivers never see such.
    let length = max(count, E1000Packet.shortestFrame)
    for index in count..<length { unsafe buffer[index] = 0 }
    let frame = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<length])
    guard let destination = unsafe E1000Filter.destination(of: unsafe frame), filter.takes(destination, control) else {
      counters.filtered += 1
      return nil
    }
    unsafe counters.received(unsafe frame)
    if control & E1000ReceiveControl.stripChecksum != 0 { return length }
    let check = unsafe FrameCheckSequence.of(unsafe frame)
    unsafe buffer.storeBytes(of: check.littleEndian, toByteOffset: length, as: UInt32.self)
    return length + Self.checkSequence
  }

  /// Spreads a frame over descriptors.
  /// - Returns: false where there are not enough of them, or one lies outside memory; the frame is lost.
  private mutating func deliver(
    _ length: Int, _ memory: GuestMemory, bufferSize: Int, _ counters: inout E1000Counters
  ) -> Bool {
    guard (length + bufferSize - 1) / bufferSize <= Int(ring.available) else {
      counters.overruns += 1
      return false
    }
    var taken = 0
    while taken < length {
      guard ring.available > 0 else {
        counters.overruns += 1
        return false
      }
      let size = min(bufferSize, length - taken)
      let place = ring.current
      guard let descriptor = E1000Descriptor(memory, place), let second = place?.advanced(by: 8) else {
        counters.badDescriptors += 1
        return false
      }
      // A descriptor without a buffer is done without a byte of the frame (§3.2.5).
      if descriptor.address == 0 {
        do throws(GuestMemoryError) {
          try memory.store(descriptor.fields | UInt64(Status.done) << 32, at: second)
        } catch {
          counters.badDescriptors += 1
        }
        ring.advance()
        continue
      }
      let isLast = taken + size == length
      let status = Status.done | Status.ignoreChecksum | (isLast ? Status.endOfPacket : 0)
      do throws(GuestMemoryError) {
        try unsafe memory.write(
          UnsafeRawBufferPointer(rebasing: buffer[taken..<taken + size]), at: GuestAddress(descriptor.address))
        try memory.store(UInt64(size) | UInt64(status) << 32, at: second)
      } catch {
        counters.badDescriptors += 1
        ring.advance()
        return false
      }
      ring.advance()
      taken += size
    }
    return true
  }
}
