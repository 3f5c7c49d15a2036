import CProbe
import ProbeABI

extension VirtioNetDriver {
  /// Most bytes of a frame.
  var maximum: UInt32 { features & VirtioNetFeatures.hostTCP4 != 0 ? NM_NET_LARGE_FRAME : NM_NET_PLAIN_FRAME }
  /// Most frames on their way.
  var depth: UInt32 { UInt32(sender.depth) }

  /// Puts a frame into the ring. Returns a negative errno for one that is not taken.
  @inline(__always)
  mutating func send(_ frame: nm_net_frame) -> Int32 {
    guard !isBroken else { return -5 }
    guard frame.tag < sender.depth else { return -22 }
    guard !isBusy[Int(frame.tag)] else { return -11 }
    let status = refusal(frame)
    guard status == 0 else { return status }
    let slot = slots &+ UInt64(frame.tag) &* Self.slotSize
    VirtioNetHeader.fill(slot, frame)
    isBusy[Int(frame.tag)] = true
    busyCount &+= 1
    sender.add(
      VirtioQueueChain(
        head: slot, headLength: VirtioNetHeader.size, headIsWritable: false,
        data: UInt64(UInt(bitPattern: frame.data)), length: frame.length, isWritable: false, tail: 0, tailLength: 0,
        table: slot &+ Self.slotTable),
      tag: frame.tag)
    return 0
  }

  /// What keeps a frame from being sent, as a negative errno; 0 for nothing.
  @inline(__always)
  private func refusal(_ frame: nm_net_frame) -> Int32 {
    if frame.flags & UInt16(NM_FRAME_NEEDS_CHECKSUM) != 0 {
      if features & VirtioNetFeatures.checksum == 0 { return -95 }
      let end = UInt32(frame.checksum_start) &+ UInt32(frame.checksum_offset) &+ 2
      if end > frame.length { return -22 }
    }
    if frame.segment_size != 0 {
      if features & VirtioNetFeatures.hostTCP4 == 0 { return -95 }
      if frame.flags & UInt16(NM_FRAME_NEEDS_CHECKSUM) == 0 { return -22 }
      return frame.length >= 14 && frame.length <= maximum ? 0 : -90
    }
    return frame.length >= NM_NET_ETHERNET_HEADER && frame.length <= NM_NET_PLAIN_FRAME ? 0 : -90
  }

  /// Shows the device what was sent, with the doorbell where it asks for it.
  @inline(__always)
  mutating func kick() {
    if sender.publish() { sendBell.ring() }
  }

  /// Takes the tags of frames that left; with `wait`, sleeps until one has, or the device's deadline has passed.
  @inline(__always)
  mutating func sent(_ tags: UnsafeMutablePointer<UInt16>, _ limit: UInt32, wait: Bool) -> UInt32 {
    let count = harvest(tags, limit)
    guard wait, count == 0, busyCount > 0, !isBroken else { return count }
    sleepUntilSent()
    return harvest(tags, limit)
  }

  @inline(__always)
  private mutating func harvest(_ tags: UnsafeMutablePointer<UInt16>, _ limit: UInt32) -> UInt32 {
    var count: UInt32 = 0
    while count < limit, !isBroken, let used = sender.next() {
      guard used.tag < UInt32(sender.depth), isBusy[Int(used.tag)] else {
        isBroken = true
        break
      }
      isBusy[Int(used.tag)] = false
      busyCount &-= 1
      tags[Int(count)] = UInt16(truncatingIfNeeded: used.tag)
      count &+= 1
    }
    return count
  }

  @inline(never)
  private mutating func sleepUntilSent() {
    let deadline = nm_tsc() &+ sleep.patience
    while true {
      let seen = sleep.count
      acknowledgeLine(seen)
      sender.requestInterrupt()
      // The device may just have finished: it looks for the request after it has written what it did.
      nm_full_barrier()
      if sender.hasUsed || !sleep.wait(seen, deadline) || sender.hasUsed { break }
    }
    sender.suppressInterrupts()
  }

  /// Lowers a line that stays raised until it is told. That comes before the last look at the ring: whatever completes
  /// later raises it anew. Nothing to do unless an interrupt was taken since the last time.
  mutating func acknowledgeLine(_ seen: UInt64) {
    guard acknowledge != 0, seen != acknowledged else { return }
    probe_mmio_write(acknowledge, 3)
    acknowledged = seen
  }
}
