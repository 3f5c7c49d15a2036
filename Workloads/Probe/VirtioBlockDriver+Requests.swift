import CProbe
import ProbeABI

extension VirtioBlockDriver {
  /// Puts a request into the ring. Returns a negative errno for one that the device cannot do.
  @inline(__always)
  mutating func submit(_ request: nm_block_request) -> Int32 {
    guard !isBroken else { return -5 }
    guard request.tag < queue.depth, writable[Int(request.tag)] == 0 else { return -11 }
    let type: UInt32
    switch UInt32(request.operation) {
    case NM_BLOCK_READ.rawValue: type = 0
    case NM_BLOCK_WRITE.rawValue:
      if disk.features & VirtioBlockFeatures.readOnly != 0 { return -30 }
      type = 1
    case NM_BLOCK_FLUSH.rawValue:
      if disk.features & VirtioBlockFeatures.flush == 0 { return -95 }
      type = 4
    default: return -22
    }
    let sector = request.offset &>> 9
    let count = UInt64(request.length &>> 9)
    if type == 4 {
      guard request.length == 0 else { return -22 }
    } else {
      guard request.length > 0, request.length <= disk.maximum,
        (request.offset | UInt64(request.length)) & 511 == 0, sector <= disk.sectors, count <= disk.sectors &- sector
      else { return -22 }
    }
    let slot = slots &+ UInt64(request.tag) &* VirtioBlockSlot.size
    VirtioBlockSlot.fill(slot, type: type, sector: type == 4 ? 0 : sector)
    let status = status(of: slot)
    // The line of a single request's answer is the device's.
    if !isSingle { VirtioBlockSlot.withdraw(status) }
    let chain = VirtioQueueChain(
      head: slot, headLength: VirtioBlockSlot.headerLength, headIsWritable: false,
      data: UInt64(UInt(bitPattern: request.buffer)), length: request.length, isWritable: type == 0,
      tail: status, tailLength: 1, table: slot &+ VirtioBlockSlot.table)
    writable[Int(request.tag)] = 1 &+ (type == 0 ? request.length : 0)
    inFlight &+= 1
    queue.add(chain, tag: request.tag)
    return 0
  }

  @inline(__always)
  private func status(of slot: UInt64) -> UInt64 {
    slot &+ (isSingle ? VirtioBlockSlot.Single.status : VirtioBlockSlot.status)
  }

  /// Shows the device what was submitted, with the doorbell where it asks for it.
  @inline(__always)
  mutating func kick() {
    if queue.publish() { doorbell.ring() }
  }

  /// Takes what has completed, at most `limit`.
  @inline(__always)
  mutating func harvest(_ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: UInt32) -> UInt32 {
    var count: UInt32 = 0
    while count < limit, !isBroken, let used = queue.next() {
      completions[Int(count)] = complete(used)
      count &+= 1
    }
    return count
  }

  @inline(__always)
  private mutating func complete(_ used: VirtioQueueUsed) -> nm_block_completion {
    guard used.tag < UInt32(queue.depth), writable[Int(used.tag)] != 0 else {
      isBroken = true
      return nm_block_completion(tag: .max, reserved: 0, status: -71)
    }
    let allowed = writable[Int(used.tag)]
    writable[Int(used.tag)] = 0
    inFlight &-= 1
    let slot = slots &+ UInt64(used.tag) &* VirtioBlockSlot.size
    let status = used.length <= allowed ? VirtioBlockSlot.result(status(of: slot)) : -71
    return nm_block_completion(tag: UInt16(truncatingIfNeeded: used.tag), reserved: 0, status: status)
  }
}
