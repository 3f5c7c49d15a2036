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
    let service = try ServiceThread(mode: mode, doorbell: handover.doorbell, scratch: 2 * NetContext.bounceSize)
    try service.waiter.add(link.event)
    handover.serve(true)
    while !handover.isStopped {
      let session = handover.acknowledge()
      if session.isIdle {
        service.waiter.wait(milliseconds: QueueHandover.sleepLimit)
      } else if session.state.features.contains(.packedRing) {
        serve(session, PackedQueue.self, service)
      } else {
        serve(session, SplitQueue.self, service)
      }
    }
    handover.serve(false)
  }

  /// Serves the rings of one session until it ends, fails, or the thread is to stop.
  @inline(never)
  private func serve<Queue: DeviceQueue & ~Copyable>(
    _ session: QueueHandover.Session, _ kind: Queue.Type, _ service: borrowing ServiceThread
  ) {
    do {
      let rules = NetRules(session.state.features, pairs: options.pairs, mtu: link.mtu)
      try link.accept(rules.receives)
      var queues = try ServedQueues<Queue>(session.state, memory: memory)
      queues.isInterrupting = service.mode == .notified
      let space = unsafe service.scratch.base
      let context = unsafe NetContext(
        link: link, counters: counters.writer, log: log, rules: rules, handover: handover, bounce: space,
        spill: space + NetContext.bounceSize)
      var loop = NetLoop<Queue>(self, consume queues, session.state, context)
      try loop.run(session, service)
    } catch {
      handover.fail(session: session.state.session, "\(error)")
    }
  }

  /// Makes `serve` return, now or as soon as it is called.
  public func stop() {
    handover.stop()
  }

  /// Makes the I/O thread sleep whenever it has nothing to do, though it would poll else, or lets it go on: what a leg's guest
  /// is to cost while another leg has its turn. Any thread.
  public func park(_ isParked: Bool) { handover.park(isParked) }

  /// The first error of the wire.
  public var firstError: String? { log.first }

  // MARK: VirtioDevice

  /// The number of network interfaces (§5.1.1).
  public static let type: UInt16 = 1
  public var deviceType: UInt16 { Self.type }
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
