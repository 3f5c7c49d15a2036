import Frames
import GuestMemory
import LinuxSystem

/// virtio-net (virtio 1.2 §5.1): a network interface for a driver, over any transport, on any link.
///
/// The registers' side runs on vCPU threads through `VirtioDevice`. The data path runs on the thread that calls `serve`, which
/// alone uses the link and the rings.
public final class VirtioNet: VirtioDevice {
  /// Frames and errors so far.
  public let counters = DeviceCounters<NetCounter>()
  public let options: NetOptions
  public let link: any FrameLink
  let memory: GuestMemory
  let handover: QueueHandover
  let log = NetErrorLog()
  private let configuration: NetConfigurationBytes

  public init(
    memory: GuestMemory, link: any FrameLink, options: NetOptions = NetOptions()
  ) throws(SystemError) {
    self.memory = memory
    self.link = link
    self.options = options
    configuration = NetConfigurationBytes(options, mtu: link.mtu)
    handover = try QueueHandover()
  }

  /// Serves the driver until `stop`. The calling thread is the device's I/O thread meanwhile; there is one at a time.
  /// - Throws: `SystemError` where the thread's own descriptors and memory cannot be made.
  public func serve(mode: ServiceMode) throws(SystemError) {
    let waiter = try ServiceWaiter()
    try waiter.add(handover.doorbell.rawValue)
    try waiter.add(link.event)
    let memory = try Mapping.anonymous(count: 2 * NetContext.bounceSize)
    handover.serve(true)
    while !handover.isStopped {
      let (version, state) = handover.acknowledge()
      if state.failure != nil || state.layouts.allSatisfy({ $0 == nil }) {
        waiter.wait(milliseconds: QueueHandover.sleepLimit)
      } else if state.features.contains(.packedRing) {
        serveSession(PackedQueue.self, state, version, mode, waiter, memory)
      } else {
        serveSession(SplitQueue.self, state, version, mode, waiter, memory)
      }
    }
    handover.serve(false)
  }

  /// Serves the rings of one session until it ends, fails, or the thread is to stop.
  @inline(never)
  private func serveSession<Queue: DeviceQueue & ~Copyable>(
    _ kind: Queue.Type, _ state: QueueHandover.State, _ version: UInt32, _ mode: ServiceMode,
    _ waiter: borrowing ServiceWaiter, _ space: borrowing Mapping
  ) {
    do {
      let rules = NetRules(state.features, pairs: options.pairs, mtu: link.mtu)
      try link.accept(rules.receives)
      var queues = try ServedQueues<Queue>(state, memory: memory)
      queues.isInterrupting = mode == .notified
      let context = unsafe NetContext(
        link: link, counters: counters.writer, log: log, rules: rules, bounce: space.base,
        spill: space.base + NetContext.bounceSize)
      var loop = NetLoop<Queue>(self, consume queues, state, context)
      try loop.run(session: state.session, from: version, mode, waiter)
    } catch {
      handover.fail(session: state.session, "\(error)")
    }
  }

  /// Makes `serve` return, now or as soon as it is called.
  public func stop() {
    handover.stop()
  }

  /// The first error of the wire.
  public var firstError: String? { log.first }

  // MARK: VirtioDevice

  public var deviceType: UInt16 { 1 }
  public var offeredFeatures: VirtioFeatures { options.features(over: link) }
  public func accepts(_ features: VirtioFeatures) -> Bool { NetRules.areConsistent(features) }
  /// Pairs of a receive and a transmit queue, then the control queue (§5.1.2).
  public var queueSizes: [UInt16] { [UInt16](repeating: options.queueSize, count: 2 * options.pairs + 1) }
  public var failure: String? { handover.failure }

  public func doorbell(queue: Int) -> Int32 { handover.doorbell.rawValue }

  public func readConfiguration(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    configuration.read(offset, width: width)
  }

  public func writeConfiguration(_ offset: UInt64, width: AccessWidth, value: UInt64) {}

  public func start(features: VirtioFeatures, queues: [VirtqueueLayout?], interrupts: any VirtioInterrupts) {
    handover.start(features: features, queues: queues, interrupts: interrupts)
  }

  public func stop(queue: Int) { handover.stop(queue: queue) }

  public func reset() { handover.reset() }
}
