import ProbeABI

/// A long exchange with a device that keeps to the rules: every doorbell and interrupt that is owed comes, none that
/// nobody wants, and every request returns once. Long enough that every index wraps.
struct Conversation<Queue: VirtioQueue>: ~Copyable {
  private var scene: Scene<Queue>
  private var device: HonestDevice
  private var random = SystemRandomNumberGenerator()

  init(features: UInt64, queueMaximum: UInt16) throws(DeviceError) {
    scene = try Scene<Queue>(features: features | VirtioBlockFeatures.flush, queueMaximum: queueMaximum)
    let usesEvents = features & VirtioFeatures.eventIndex != 0
    device = HonestDevice(scene.registers.memory!, isPacked: Queue.isPacked, usesEvents: usesEvents)
    device.wantDoorbell(false)
    _ = device.take()
  }

  /// What went wrong first, or "agreed".
  /// - Parameter isPolled: whether the driver never wants an interrupt; else it changes its mind all the time.
  mutating func hold(rounds: Int, isPolled: Bool) -> String {
    for round in 0..<rounds {
      if let problem = exchange(isPolled: isPolled) { return "round \(round): \(problem)" }
    }
    return "agreed"
  }

  private mutating func exchange(isPolled: Bool) -> String? {
    let count = Int.random(in: 1...min(4, Int(scene.driver.queue.depth)), using: &random)
    let isAsleep = Bool.random(using: &random)
    device.wantDoorbell(isAsleep)
    for tag in 0..<count {
      let isFlush = Bool.random(using: &random)
      guard scene.submit(tag: UInt16(tag), operation: isFlush ? 2 : 0, length: isFlush ? 0 : 512) == 0 else {
        return "a request was refused"
      }
    }
    if scene.driver.queue.publish() != isAsleep { return isAsleep ? "a doorbell is owed" : "an unwanted doorbell" }
    var chains = device.take()
    guard chains.count == count else { return "the device sees \(chains.count) of \(count) requests" }
    chains.shuffle(using: &random)
    let isWaiting = !isPolled && Bool.random(using: &random)
    if isWaiting { scene.driver.queue.requestInterrupt() } else { scene.driver.queue.suppressInterrupts() }
    var interrupts = 0
    for chain in chains { interrupts += device.give(chain) ? 1 : 0 }
    if isWaiting != (interrupts > 0) { return isWaiting ? "an interrupt is owed" : "an unwanted interrupt" }
    guard scene.driver.queue.hasUsed else { return "the driver sees nothing" }
    let tags = Set(scene.harvest())
    return tags == Set(0..<UInt16(count)) ? nil : "\(count) requests came back as \(tags)"
  }
}
