import ProbeABI

/// Runs the block workloads against the environment's device.
enum BlockWorkload {
  /// How requests follow each other.
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum Loop: UInt8 { case closed, flush, open }

  /// Blocks that a write workload reads back after its windows, in all; of legs that take turns, others write the same blocks in
  /// theirs, so that each turn reads back its own.
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
      environment: context.environment, device: device, parameters: parameters, kind: kind, job: job,
      tscKilohertz: context.tscKilohertz,
      memory: BlockQueue.Memory(state: context.slots, freeTags: free, buffers: buffers))
    do throws(BlockFailure) {
      var warmUpWindow = LoopWindow(start: nm_tsc(), duration: job.warmup, isRecorded: false)
      warmUpWindow.verifiesEverything = true
      var warmUps = try runLoop(loop, warmUp, from: 0, &queue, warmUpWindow, &context.histogram).operations
      queue.counts = BlockQueue.Counts()
      var measurement = Measurement()
      while context.nextWindow() {
        let counts = queue.counts
        if context.rewarm > 0 {
          let window = LoopWindow(start: nm_tsc(), duration: context.rewarm, isRecorded: false)
          warmUps &+= try runLoop(loop, warmUp, from: warmUps, &queue, window, &context.histogram).operations
        }
        queue.counts = counts
        let first = measurement.operations
        try measure(loop, plan, &queue, job.window, &context, &measurement)
        let number = max(1, readBacks / max(1, job.parameter("turns") ?? 1))
        // What the windows before wrote, other legs that take turns have overwritten: all have the same plan.
        try readBack(
          &queue, plan,
          max(first, measurement.operations &- min(measurement.operations, number))..<measurement.operations)
      }
      measurement.checksum = queue.counts.checksum
      measurement.values.0 = measurement.operations
      measurement.values.1 = 1
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

  /// Measures one window.
  private static func measure(
    _ loop: Loop, _ plan: BlockPlan, _ queue: inout BlockQueue, _ duration: UInt64, _ context: inout JobContext,
    _ measurement: inout Measurement
  ) throws(BlockFailure) {
    let bytes = queue.counts.bytes
    let opened = context.openWindow()
    let counts: BlockQueue.OpenLoopCounts
    do throws(BlockFailure) {
      let window = LoopWindow(start: opened, duration: duration, isRecorded: true)
      counts = try runLoop(loop, plan, from: measurement.operations, &queue, window, &context.histogram)
    } catch {
      context.closeWindow()
      throw error
    }
    let window = MeasuredWindow(
      opened: opened, closed: nm_tsc_end(), operations: counts.operations, bytes: queue.counts.bytes &- bytes)
    context.close(window, samples: counts.operations &+ counts.missed, &measurement)
    measurement.values.2 &+= counts.missed
    measurement.values.3 &+= counts.late
  }

  private static func runLoop(
    _ loop: Loop, _ plan: BlockPlan, from first: UInt64, _ queue: inout BlockQueue, _ window: LoopWindow,
    _ histogram: inout Histogram
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

  /// Reads back those of some requests that were writes.
  private static func readBack(
    _ queue: inout BlockQueue, _ plan: BlockPlan, _ numbers: Range<UInt64>
  ) throws(BlockFailure) {
    for number in numbers {
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
