import ProbeABI

/// Runs the block workloads against the environment's device.
enum BlockWorkload {
  /// How requests follow each other.
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum Loop: UInt8 { case closed, flush, open }

  /// Blocks that a write workload reads back after its window.
  private static var readBacks: UInt64 { 64 }

  /// Runs a job and answers it. `values` of the result: operations and 1, because the checksum is of all operations;
  /// for the open loop also requests missed and requests late.
  static func run(
    _ job: borrowing Job, _ context: inout JobContext, _ kind: BlockPlan.Kind, isRandom: Bool, loop: Loop = .closed
  ) {
    guard let device = unsafe context.environment.pointee.block else {
      return answerWithoutDevice(&context)
    }
    guard context.lostRequests == 0 else {
      context.reason.append("the device still holds requests of job ")
      context.reason.append(UInt64(context.lostRequests))
      return context.fail()
    }
    guard let parameters = unsafe BlockParameters(job, device, &context) else { return }
    guard loop != .open || parameters.rate > 0 else { return context.fail("expected rate= of 1 or more a second") }
    let capacity = unsafe device.pointee.capacity
    guard
      let warmUp = BlockPlan(
        kind: kind, isRandom: isRandom, capacity: capacity, blockSize: parameters.blockSize, seed: job.seed,
        isWarmUp: true),
      let plan = BlockPlan(
        kind: kind, isRandom: isRandom, capacity: capacity, blockSize: parameters.blockSize, seed: job.seed)
    else { return context.skip("half of the disk has no room for one block") }
    guard let free = context.carveScratch(BlockParameters.largestDepth * 2),
      let buffers = context.carveScratch(BlockQueue.bufferMemory(parameters, kind))
    else { return }
    var queue = unsafe BlockQueue(
      device: device, parameters: parameters, kind: kind, job: job, tscKilohertz: context.tscKilohertz,
      memory: BlockQueue.Memory(state: context.slots, freeTags: free, buffers: buffers))
    do throws(BlockFailure) {
      let warmUpWindow = LoopWindow(start: nm_tsc(), duration: job.warmup, isRecorded: false)
      _ = try runLoop(loop, warmUp, &queue, warmUpWindow, &context.histogram)
      queue.resetCounts()
      var measurement = try measure(loop, plan, &queue, job.window, &context)
      try readBack(&queue, plan, measurement.operations)
      measurement.histogramUnit = 1
      unsafe context.reason.append(deviceNote(context))
      context.finish(measurement)
    } catch {
      if !queue.drain() { context.abandonCarvedScratch() }
      if loop == .flush, isUnsupported(error) { return context.skip("the device does not know flush") }
      error.describe(to: &context.reason)
      context.fail()
    }
  }

  /// Answers a job on a machine without a device that works.
  private static func answerWithoutDevice(_ context: inout JobContext) {
    let note = unsafe deviceNote(context)
    guard note.count > 0 else { return context.skip("this machine has no block device") }
    context.reason.append(note)
    if unsafe context.environment.pointee.block_broken != 0 { context.fail() } else { context.skip() }
  }

  /// What the machine says of its device: the remark of a job that went well.
  @unsafe private static func deviceNote(_ context: borrowing JobContext) -> ByteSlice {
    let (note, length) = unsafe (context.environment.pointee.block_note, context.environment.pointee.block_note_length)
    let nothing = unsafe UnsafePointer<UInt8>(bitPattern: 1).unsafelyUnwrapped
    return unsafe ByteSlice(base: note ?? nothing, count: note == nil ? 0 : Int(length))
  }

  private static func measure(
    _ loop: Loop, _ plan: BlockPlan, _ queue: inout BlockQueue, _ duration: UInt64, _ context: inout JobContext
  ) throws(BlockFailure) -> Measurement {
    var measurement = Measurement()
    measurement.opened = context.openWindow()
    let counts: BlockQueue.OpenLoopCounts
    do throws(BlockFailure) {
      let window = LoopWindow(start: measurement.opened, duration: duration, isRecorded: true)
      counts = try runLoop(loop, plan, &queue, window, &context.histogram)
    } catch {
      context.closeWindow()
      throw error
    }
    measurement.closed = nm_tsc_end()
    context.closeWindow()
    measurement.operations = counts.operations
    measurement.bytes = queue.bytes
    measurement.checksum = queue.checksum
    measurement.values = (counts.operations, 1, counts.missed, counts.late)
    return measurement
  }

  private static func runLoop(
    _ loop: Loop, _ plan: BlockPlan, _ queue: inout BlockQueue, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(BlockFailure) -> BlockQueue.OpenLoopCounts {
    var counts = BlockQueue.OpenLoopCounts()
    switch loop {
    case .closed:
      counts.operations = try queue.closedLoop(plan, window, &histogram)
    case .flush:
      counts.operations = try queue.flushLoop(plan, window, &histogram)
    case .open:
      counts = try queue.openLoop(plan, window, &histogram)
    }
    return counts
  }

  /// Reads back the last writes of the window, as many as `readBacks` requests hold.
  private static func readBack(
    _ queue: inout BlockQueue, _ plan: BlockPlan, _ operations: UInt64
  ) throws(BlockFailure) {
    for number in (operations - min(operations, readBacks))..<operations {
      let step = plan.step(number)
      if step.isWrite, queue.parameters.verifies { try queue.readBack(step.offset) }
    }
  }

  /// Whether a flush came back with ENOTSUP.
  private static func isUnsupported(_ failure: BlockFailure) -> Bool {
    switch failure {
    case .refused(_, let status): status == -95
    case .request(_, let operation, let status): operation == UInt16(NM_BLOCK_FLUSH.rawValue) && status == -95
    default: false
    }
  }
}
