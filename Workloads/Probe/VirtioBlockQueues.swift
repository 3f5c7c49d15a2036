import ProbeABI

/// Several queues of a virtio disk as one device: those that one processor drives. Requests go to them by turns of their tags.
struct VirtioBlockQueues<Queue: VirtioQueue> {
  /// `count` of them, 1 or more, which stay where they are.
  let drivers: UnsafeMutablePointer<VirtioBlockDriver<Queue>>
  let count: UInt16
  /// The driver that is looked at first, so that none waits for the others.
  private var next: UInt16 = 0

  init(drivers: UnsafeMutablePointer<VirtioBlockDriver<Queue>>, count: UInt16) {
    self.drivers = drivers
    self.count = count
  }

  func forEach(_ body: (UnsafeMutablePointer<VirtioBlockDriver<Queue>>) -> Void) {
    for index in 0..<Int(count) { body(drivers + index) }
  }

  /// Most requests in flight in all queues.
  var depth: UInt32 {
    var depth = UInt32(UInt16.max)
    forEach { depth = min(depth, UInt32($0.pointee.queue.depth)) }
    return depth * UInt32(count)
  }

  @inline(__always)
  func submit(_ request: nm_block_request) -> Int32 {
    let (tag, driver) = request.tag.quotientAndRemainder(dividingBy: count)
    var request = request
    request.tag = tag
    return drivers[Int(driver)].submit(request)
  }

  @inline(__always)
  func kick() { forEach { $0.pointee.kick() } }

  /// As a single driver's.
  @inline(__always)
  mutating func reap(
    _ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: UInt32, wait: Bool
  ) -> UInt32 {
    let count = harvest(completions, limit)
    guard wait, count == 0, isWaiting else { return count }
    let isLate = VirtioBlockDriver.awaitUsed(drivers, Int(self.count))
    let late = harvest(completions, limit)
    if isLate { for index in 0..<Int(late) { completions[index].status = -62 } }
    return late
  }

  /// Whether something is in flight that may still come back.
  private var isWaiting: Bool {
    var (isWaiting, isBroken) = (false, false)
    forEach {
      if $0.pointee.inFlight > 0 { isWaiting = true }
      if $0.pointee.isBroken { isBroken = true }
    }
    return isWaiting && !isBroken
  }

  @inline(__always)
  private mutating func harvest(
    _ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: UInt32
  ) -> UInt32 {
    var stored: UInt32 = 0
    for _ in 0..<count {
      let driver = next
      next = next &+ 1 == count ? 0 : next &+ 1
      let found = drivers[Int(driver)].harvest(completions + Int(stored), limit &- stored)
      for index in Int(stored)..<Int(stored &+ found) {
        // A driver whose device broke the protocol names a tag that nobody has in flight.
        let tag = completions[index].tag
        completions[index].tag = tag == .max ? .max : tag &* count &+ driver
      }
      stored &+= found
    }
    return stored
  }
}
