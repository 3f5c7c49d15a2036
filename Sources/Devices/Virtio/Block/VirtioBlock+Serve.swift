import LinuxSystem
import Storage

extension VirtioBlock {
  func serveEngine<Engine: StorageEngine & ~Copyable>(
    _ engine: inout Engine, mode: ServiceMode
  ) throws(SystemError) {
    let waiter = try ServiceWaiter()
    try waiter.add(handover.doorbell.rawValue)
    // A polling thread never sleeps while a request is in flight, so it spares the kernel the signal.
    if mode == .notified, let event = engine.completionEvent() { try waiter.add(event) }
    let bounce = try Mapping.anonymous(count: BlockBounce.size)
    handover.serve(true)
    while !handover.isStopped {
      let (version, state) = handover.acknowledge()
      if state.failure != nil || state.layouts.allSatisfy({ $0 == nil }) {
        waiter.wait(milliseconds: QueueHandover.sleepLimit)
      } else if state.features.contains(.packedRing) {
        serveSession(PackedQueue.self, &engine, state, version, mode, waiter, bounce)
      } else {
        serveSession(SplitQueue.self, &engine, state, version, mode, waiter, bounce)
      }
    }
    handover.serve(false)
  }

  /// Serves the rings of one session until it ends, fails, or the thread is to stop.
  @inline(never)
  private func serveSession<Queue: DeviceQueue & ~Copyable, Engine: StorageEngine & ~Copyable>(
    _ kind: Queue.Type, _ engine: inout Engine, _ state: QueueHandover.State, _ version: UInt32,
    _ mode: ServiceMode, _ waiter: borrowing ServiceWaiter, _ bounce: borrowing Mapping
  ) {
    do {
      var queues = try ServedQueues<Queue>(state, memory: memory)
      queues.isInterrupting = mode == .notified
      var loop = BlockLoop<Queue, Engine>(
        self, consume queues, features: state.features, limit: engine.maximumInFlight, bounce: BlockBounce(bounce))
      try loop.run(&engine, session: state.session, from: version, mode, waiter)
    } catch {
      handover.fail(session: state.session, error.description)
    }
  }
}
