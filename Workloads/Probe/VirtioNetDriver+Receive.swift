import CProbe
import ProbeABI

extension VirtioNetDriver {
  /// Takes frames that arrived; with `wait`, sleeps until one has, or the device's deadline has passed.
  @inline(__always)
  mutating func receive(_ frames: UnsafeMutablePointer<nm_net_frame>, _ limit: UInt32, wait: Bool) -> UInt32 {
    let count = collect(frames, limit)
    guard wait, count == 0, !isBroken else { return count }
    sleepUntilReceived()
    return collect(frames, limit)
  }

  @inline(__always)
  private mutating func collect(_ frames: UnsafeMutablePointer<nm_net_frame>, _ limit: UInt32) -> UInt32 {
    var count: UInt32 = 0
    while count < limit, !isBroken, let used = receiver.next() {
      guard let frame = take(used) else {
        isBroken = true
        break
      }
      frames[Int(count)] = frame
      count &+= 1
    }
    return count
  }

  /// The frame whose first buffer the device returned; nil for what cannot be one.
  @inline(__always)
  private mutating func take(_ used: VirtioQueueUsed) -> nm_net_frame? {
    guard used.tag < UInt32(buffers.count), used.length >= VirtioNetHeader.size &+ 14, used.length <= buffers.size
    else { return nil }
    let first = UInt16(truncatingIfNeeded: used.tag)
    let place = buffers.address(first)
    var frame = nm_net_frame()
    let pieces = VirtioNetHeader.read(place, into: &frame)
    var total = used.length
    if isMergeable, pieces != 1 {
      guard let length = join(first, used.length, pieces) else { return nil }
      total = length
    }
    frame.data = UnsafeMutableRawPointer(bitPattern: UInt(place &+ UInt64(VirtioNetHeader.size)))
    frame.length = total &- VirtioNetHeader.size
    frame.tag = first
    lend(first, isMergeable ? pieces : 1)
    return frame
  }

  /// Takes the further buffers of a frame, which the device returned together with the first one. All but the last are full,
  /// and they follow each other: devices use buffers in the order in which they get them.
  @inline(never)
  private mutating func join(_ first: UInt16, _ length: UInt32, _ pieces: UInt16) -> UInt32? {
    guard pieces > 1, pieces <= buffers.count, length == buffers.size else { return nil }
    var total = length
    var index = first
    for number in 1..<pieces {
      guard let next = receiver.next() else { return nil }
      index = index &+ 1 == buffers.count ? 0 : index &+ 1
      let isFull = next.length == buffers.size
      guard next.tag == UInt32(index), isFull || number == pieces &- 1, next.length > 0, next.length <= buffers.size
      else { return nil }
      total &+= next.length
    }
    guard total <= NM_NET_LARGE_FRAME &+ VirtioNetHeader.size else { return nil }
    buffers.join(first, total)
    return total
  }

  @inline(__always)
  private mutating func lend(_ first: UInt16, _ pieces: UInt16) {
    lent[Int(lastLent & 255)] = UInt32(first) | UInt32(pieces) << 16
    lastLent &+= 1
  }

  /// Gives the oldest frames back to the device.
  @inline(__always)
  mutating func release(_ count: UInt32) {
    var left = min(count, lastLent &- firstLent)
    guard left > 0, !isBroken else { return }
    while left > 0 {
      let entry = lent[Int(firstLent & 255)]
      firstLent &+= 1
      var index = UInt16(truncatingIfNeeded: entry)
      for _ in 0..<(entry >> 16) {
        give(index)
        index = index &+ 1 == buffers.count ? 0 : index &+ 1
      }
      left &-= 1
    }
    if receiver.publish() { receiveBell.ring() }
  }

  @inline(never)
  private mutating func sleepUntilReceived() {
    let deadline = nm_tsc() &+ sleep.patience
    while true {
      let seen = sleep.count
      acknowledgeLine(seen)
      receiver.requestInterrupt()
      // A frame may just have come: the device looks for the request after it has written it.
      nm_full_barrier()
      if receiver.hasUsed || !sleep.wait(seen, deadline) || receiver.hasUsed { break }
    }
    receiver.suppressInterrupts()
  }
}
