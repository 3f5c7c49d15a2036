import CLinux
import Frames
import GuestMemory
import LinuxSystem

/// The data path of virtio-net: moves frames between the rings and a link. The thread that runs it owns everything here; nothing
/// in the loop allocates or counts references.
///
/// It is generic so that the compiler makes one copy for each kind of ring.
@safe struct NetLoop<Queue: DeviceQueue & ~Copyable>: ~Copyable {
  private let handover: QueueHandover
  private let context: NetContext
  private var queues: ServedQueues<Queue>
  private let transmitters: UnsafeMutableBufferPointer<NetTransmitter>
  /// By pair; a pair without a receive queue has none.
  private let receivers: UnsafeMutableBufferPointer<NetReceiver>
  private let transmitterCount: Int
  private let receiverCount: Int
  private let receiverOfPair: [Int?]
  private let features: VirtioFeatures
  private var control: NetControl
  private let controlQueue: Int?
  private var controlChain: DescriptorChain
  private let flows = FlowTable()

  init(
    _ device: VirtioNet, _ queues: consuming ServedQueues<Queue>, _ state: QueueHandover.State, _ context: NetContext
  ) {
    handover = device.handover
    self.context = context
    features = state.features
    control = NetControl(device.options, context.rules)
    let pairs = context.rules.pairs
    let receiving = (0..<pairs).map { queues.position(of: 2 * $0) }
    let transmitting = (0..<pairs).compactMap { queues.position(of: 2 * $0 + 1) }
    // Behind the pairs that the driver knows of (§5.1.2).
    controlQueue = state.features.contains(.netControl) ? queues.position(of: 2 * pairs) : nil
    let longest = queues.longest
    controlChain = DescriptorChain(capacity: longest)
    unsafe transmitters = .allocate(capacity: transmitting.count)
    for (index, queue) in transmitting.enumerated() {
      unsafe transmitters.initializeElement(at: index, to: NetTransmitter(queue: queue, longest: longest))
    }
    transmitterCount = transmitting.count
    unsafe receivers = .allocate(capacity: receiving.count)
    var places: [Int?] = []
    var next = 0
    for queue in receiving {
      places.append(queue == nil ? nil : next)
      guard let queue else { continue }
      unsafe receivers.initializeElement(
        at: next, to: NetReceiver(queue: queue, size: queues.size(queue), longest: longest))
      next += 1
    }
    receiverOfPair = places
    receiverCount = next
    self.queues = queues
  }

  deinit {
    unsafe transmitters.deinitialize().deallocate()
    unsafe receivers.extracting(0..<receiverCount).deinitialize()
    unsafe receivers.deallocate()
  }

  /// Serves until the session ends or the thread is to stop.
  /// - Throws: `VirtqueueFailure` where a driver broke a ring.
  mutating func run(
    _ session: QueueHandover.Session, _ service: borrowing ServiceThread
  ) throws(VirtqueueFailure) {
    var version = session.version
    var idle = IdleWatch(service.mode)
    queues.disableDoorbells()
    context.link.disableEvent()
    while true {
      if handover.current != version {
        let now = handover.acknowledge()
        if handover.isStopped || now.state.session != session.state.session || now.state.failure != nil { return }
        queues.adopt(now.state)
        version = now.version
      }
      var isBusy = try transmit()
      if try receive() { isBusy = true }
      if try serveControl() { isBusy = true }
      if isBusy { idle.rouse() } else { idleOnce(&idle, service) }
    }
  }

  @inline(__always)
  private mutating func transmit() throws(VirtqueueFailure) -> Bool {
    var isBusy = false
    for index in 0..<transmitterCount where queues.isEnabled(unsafe transmitters[index].queue) {
      let pairs = context.rules.pairs
      let hasSent = try unsafe transmitters[index].serve(&queues, context) { transmitter in
        guard pairs > 1, let start = unsafe transmitter.start(FlowTable.reach) else { return }
        unsafe flows.learn(start, pair: index)
      }
      if hasSent { isBusy = true }
    }
    if isBusy {
      context.link.flush()
      context.counters.add(.interrupts, queues.publish())
    }
    return isBusy
  }

  @inline(__always)
  private mutating func receive() throws(VirtqueueFailure) -> Bool {
    if context.rules.pairs > 1 { return try distribute() }
    guard receiverCount > 0, queues.isEnabled(unsafe receivers[0].queue) else { return false }
    return try unsafe receivers[0].serve(&queues, context, control.filter)
  }

  /// Receives for several queues, at most a turn: each frame is looked at in the bounce buffer. One whose queue has no buffer is
  /// lost, as others may wait behind it.
  @inline(never)
  private mutating func distribute() throws(VirtqueueFailure) -> Bool {
    var taken = 0
    while taken < NetReceiver.turn, !context.isStopped {
      var header = FrameHeader()
      let count = NetReceiver.receiveBounced(&header, context)
      guard count > 0 else { break }
      taken += 1
      guard control.filter.takes(NetReceiver.bouncedDestination(context)) else {
        context.counters.add(.filtered)
        continue
      }
      let pair = unsafe flows.pair(of: context.bounce + NetHeader.size)
      guard let index = receiverOfPair[min(pair, control.activePairs - 1)],
        queues.isEnabled(unsafe receivers[index].queue)
      else {
        context.counters.add(.overruns)
        continue
      }
      _ = try unsafe receivers[index].deliverBounced(count, header, &queues, context)
    }
    if taken > 0 { context.counters.add(.interrupts, queues.publish()) }
    return taken > 0
  }

  /// Carries out a control command, if there is one.
  @inline(__always)
  private mutating func serveControl() throws(VirtqueueFailure) -> Bool {
    guard let controlQueue, queues.isEnabled(controlQueue), try queues.pop(controlQueue, &controlChain) else {
      return false
    }
    guard let place = unsafe controlChain.takeLastWritableByte() else { throw .requestShape }
    context.counters.add(.commands)
    var answer = NetCommand.Answer.ok
    do throws(NetRefusal) {
      control.run(try NetCommand.parse(&controlChain, features, pairs: context.rules.pairs))
    } catch {
      answer = NetCommand.Answer.error
    }
    unsafe nm_shared_store8(place, answer)
    queues.push(controlQueue, id: controlChain.id, elements: controlChain.elements, written: 1)
    context.counters.add(.interrupts, queues.publish())
    return true
  }

  /// Passes the time when there is nothing to do.
  @inline(never)
  private mutating func idleOnce(_ idle: inout IdleWatch, _ service: borrowing ServiceThread) {
    let isParked = handover.isParked
    if !isParked, idle.pause() { return }
    if service.mode != .notified { context.counters.add(.sleeps) }
    idle.rouse()
    if !enableEvents() {
      idle.sleep(service.waiter, isParked: isParked)
      context.counters.add(.wakeups)
    }
    queues.disableDoorbells()
    context.link.disableEvent()
  }

  /// Asks for everything that would be work. Returns whether there is some already.
  private mutating func enableEvents() -> Bool {
    var hasWork = false
    var watchesLink = context.rules.pairs > 1
    for index in 0..<transmitterCount where queues.isEnabled(unsafe transmitters[index].queue) {
      // A frame that waits for room keeps those behind it waiting.
      if unsafe transmitters[index].isHolding {
        watchesLink = true
      } else if queues.enableDoorbell(unsafe transmitters[index].queue) {
        hasWork = true
      }
    }
    if let controlQueue, queues.isEnabled(controlQueue), queues.enableDoorbell(controlQueue) { hasWork = true }
    for index in 0..<receiverCount where queues.isEnabled(unsafe receivers[index].queue) {
      if unsafe !receivers[index].isStarved {
        watchesLink = true
      } else if context.rules.pairs == 1, queues.enableDoorbell(unsafe receivers[index].queue) {
        hasWork = true
      }
    }
    if watchesLink, context.link.enableEvent() { hasWork = true }
    return hasWork
  }
}
