import LinuxSystem
import Storage

extension VirtioBlock {
  func serveEngine<Engine: StorageEngine & ~Copyable>(
    _ engine: inout Engine, mode: ServiceMode, _ part: BlockService
  ) throws(SystemError) {
    let handover = part.handover
    let service = try ServiceThread(mode: mode, doorbell: handover.doorbell, scratch: BlockBounce.size)
    for queue in part.queues { try service.waiter.add(queues[queue].doorbell.rawValue) }
    // A polling thread never sleeps while a request is in flight, so it spares the kernel the signal.
    if mode == .notified, let event = engine.completionEvent() { try service.waiter.add(event) }
    handover.serve(true)
    while !handover.isStopped {
      let session = handover.acknowledge()
      if session.isIdle {
        service.waiter.wait(milliseconds: QueueHandover.sleepLimit)
      } else if session.state.features.contains(.packedRing) {
        serve(session, PackedQueue.self, part, service, &engine)
      } else {
        serve(session, SplitQueue.self, part, service, &engine)
      }
    }
    handover.serve(false)
  }

  /// Serves the rings of one session until it ends, fails, or the thread is to stop.
  @inline(never)
  private func serve<Queue: DeviceQueue & ~Copyable, Engine: StorageEngine & ~Copyable>(
    _ session: QueueHandover.Session, _ kind: Queue.Type, _ part: BlockService, _ service: borrowing ServiceThread,
    _ engine: inout Engine
  ) {
    do {
      var queues = try ServedQueues<Queue>(session.state, memory: memory)
      queues.isInterrupting = service.mode == .notified
      var loop = BlockLoop<Queue, Engine>(
        self, part, consume queues, features: session.state.features, limit: engine.maximumInFlight,
        bounce: BlockBounce(service.scratch))
      try loop.run(&engine, session, service)
    } catch {
      part.handover.fail(session: session.state.session, error.description)
    }
  }
}
