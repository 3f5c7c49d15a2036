import CProbe
import ProbeABI

/// Bits of a receive descriptor's second word (§3.2.3).
private enum Field {
  static var done: UInt64 { 1 << 32 }
  static var endOfPacket: UInt64 { 1 << 33 }
  static var errors: UInt64 { 0xff << 40 }
}

extension E1000Driver {
  /// Buffers that are given back together: a register write each time.
  private static var batch: UInt32 { 32 }

  @inline(__always)
  private func receiveDescriptor(_ position: UInt32) -> UnsafeMutableRawPointer {
    let index = UInt64(position & (Self.receiveCount &- 1))
    return UnsafeMutableRawPointer(bitPattern: UInt(receiveRing &+ index &* Self.descriptorSize)).unsafelyUnwrapped
  }

  /// Makes a descriptor one that was not used.
  @inline(__always)
  func clearReceive(_ position: UInt32) {
    let place = receiveDescriptor(position)
    nm_store64(place, buffers &+ UInt64(position & (Self.receiveCount &- 1)) &* Self.bufferSize)
    nm_store64(place + 8, 0)
  }

  /// Whether a frame is there.
  var hasReceived: Bool {
    @inline(__always) get {
      taken &- released < Self.receiveCount && nm_load64(receiveDescriptor(taken) + 8) & Field.done != 0
    }
  }

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
    while count < limit, !isBroken, hasReceived {
      let fields = nm_load64(receiveDescriptor(taken) + 8)
      let length = UInt32(truncatingIfNeeded: fields & 0xffff)
      // Every buffer holds the longest frame, and frames with errors are not asked for.
      guard fields & Field.endOfPacket != 0, fields & Field.errors == 0, length >= 14, length <= 1518 else {
        isBroken = true
        break
      }
      var frame = nm_net_frame()
      let place = buffers &+ UInt64(taken & (Self.receiveCount &- 1)) &* Self.bufferSize
      frame.data = UnsafeMutableRawPointer(bitPattern: UInt(place))
      frame.length = length
      frame.tag = UInt16(truncatingIfNeeded: taken & (Self.receiveCount &- 1))
      frames[Int(count)] = frame
      taken &+= 1
      count &+= 1
    }
    return count
  }

  /// Gives the oldest frames' buffers back, the controller sees them in batches.
  @inline(__always)
  mutating func release(_ count: UInt32) {
    var left = min(count, taken &- released)
    while left > 0 {
      clearReceive(released)
      released &+= 1
      left &-= 1
    }
    guard released &- releasedShown >= Self.batch else { return }
    releasedShown = released
    registers.write(
      E1000Registers.receiveRing &+ E1000Registers.ringTail, (released &- 1) & (Self.receiveCount &- 1))
  }
}
