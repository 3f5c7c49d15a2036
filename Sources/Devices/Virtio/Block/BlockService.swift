import LinuxSystem

/// What each I/O thread of a disk has of its own: its queues, which it alone touches, and what it counts.
final class BlockService: Sendable {
  let handover: QueueHandover
  let counters = DeviceCounters<BlockCounter>()
  /// The numbers of its queues.
  let queues: [Int]

  /// - Parameters:
  ///   - number: of the thread.
  ///   - options: how many queues and threads the device has.
  init(_ number: Int, _ options: BlockOptions) throws(SystemError) {
    handover = try QueueHandover()
    queues = Array(stride(from: number, to: options.queues, by: options.threads))
  }

  /// Begins a session with those of a driver's queues that are this thread's.
  func start(features: VirtioFeatures, queues layouts: [VirtqueueLayout?], interrupts: any VirtioInterrupts) {
    handover.start(
      features: features, queues: layouts.indices.map { queues.contains($0) ? layouts[$0] : nil },
      interrupts: interrupts)
  }
}

/// What all I/O threads of a disk have counted together. Any thread.
public struct BlockCounts: Sendable {
  let services: [BlockService]

  /// The value now.
  public subscript(counter: BlockCounter) -> UInt64 {
    services.reduce(0) { $0 &+ $1.counters[counter] }
  }
}

/// One queue of a disk: its doorbell, and what was taken from it.
final class BlockQueueState: Sendable {
  let doorbell: EventCounter
  let requests = DeviceCounters<QueueCounter>()

  init() throws(SystemError) { doorbell = try EventCounter(nonBlocking: true) }
}

/// What is counted of each queue.
enum QueueCounter: Int, CaseIterable { case requests }
