import ProbeABI

/// A worker's share of a block job: requests of a plan of its own, in queues that no other worker has.
struct BlockShare: ~Copyable {
  private(set) var queue: BlockQueue
  private let loop: BlockWorkload.Loop
  private let warmUp: BlockPlan
  private let plan: BlockPlan
  private var warmUps: UInt64 = 0
  /// Requests of all windows, and those before the last one.
  private(set) var operations: UInt64 = 0
  private var earlier: UInt64 = 0
  /// What the last window was.
  private(set) var last = BlockQueue.OpenLoopCounts()
  private(set) var lastBytes: UInt64 = 0
  /// What went wrong first.
  private(set) var failure: BlockFailure?
  /// Whether nothing is in flight after that.
  private(set) var isDrained = true

  init(_ queue: consuming BlockQueue, _ loop: BlockWorkload.Loop, warmUp: BlockPlan, plan: BlockPlan) {
    self.queue = queue
    self.loop = loop
    self.warmUp = warmUp
    self.plan = plan
  }

  /// Carries out an order, on the worker's own processor.
  /// - Parameter start: TSC at which the work begins.
  mutating func perform(_ order: BlockOrder, at start: UInt64, _ histogram: inout Histogram) {
    guard failure == nil else { return }
    do throws(BlockFailure) {
      switch order.kind {
      case .warmUp:
        var window = LoopWindow(start: start, duration: order.duration, isRecorded: false)
        window.verifiesEverything = order.verifiesEverything
        let counts = queue.counts
        warmUps &+= try runLoop(warmUp, from: warmUps, window, &histogram).operations
        queue.counts = counts
      case .measure:
        let bytes = queue.counts.bytes
        let window = LoopWindow(start: start, duration: order.duration, isRecorded: true)
        earlier = operations
        last = try runLoop(plan, from: operations, window, &histogram)
        operations &+= last.operations
        lastBytes = queue.counts.bytes &- bytes
      case .readBack: try readBack(order.count)
      }
    } catch {
      failure = error
      isDrained = queue.drain()
    }
  }

  private mutating func runLoop(
    _ plan: BlockPlan, from first: UInt64, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(BlockFailure) -> BlockQueue.OpenLoopCounts {
    var counts = BlockQueue.OpenLoopCounts()
    switch loop {
    case .closed:
      counts.operations = try queue.closedLoop(plan, from: first, window, &histogram)
    case .flush:
      counts.operations = try queue.flushLoop(plan, from: first, window, &histogram)
    case .open:
      counts = try queue.openLoop(plan, from: first, window, &histogram)
    }
    return counts
  }

  /// What the windows before wrote, other legs that take turns have overwritten: all have the same plan.
  private mutating func readBack(_ count: UInt64) throws(BlockFailure) {
    guard queue.parameters.verifies else { return }
    for number in max(earlier, operations &- min(operations, count))..<operations {
      let step = plan.step(number)
      if step.isWrite { try queue.readBack(step.offset) }
    }
  }
}
