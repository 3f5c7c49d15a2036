import ProbeABI

/// Runs the block workloads against the environment's device.
enum BlockWorkload {
  /// How requests follow each other.
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum Loop: UInt8 { case closed, flush, open }

  /// Blocks that a write workload reads back after its windows, all workers and windows together; of legs that take turns, others
  /// write the same blocks in theirs, so that each turn reads back its own.
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
    guard loop == .closed || parameters.queues == 1 else { return context.fail("expected queues=1 and vcpus=1") }
    guard hasWorkers(parameters, &context) else { return }
    guard let memory = BlockTeam.Memory(parameters.workers, &context) else { return }
    var team = unsafe BlockTeam(
      environment: context.environment, parameters, tscKilohertz: context.tscKilohertz, memory)
    for worker in 0..<parameters.workers {
      guard
        let histogram = worker == 0 ? context.histogram : makeHistogram(&context),
        let share = unsafe makeShare(worker, parameters, device, job, &context, kind, isRandom, loop)
      else { return }
      team.give(share, histogram, to: worker)
    }
    do throws(BlockFailure) {
      try perform(BlockOrder(kind: .warmUp, duration: job.warmup, verifiesEverything: true), &team, &context)
      var measurement = Measurement()
      while context.nextWindow() {
        if context.rewarm > 0 { try perform(BlockOrder(kind: .warmUp, duration: context.rewarm), &team, &context) }
        try measure(&team, job.window, &context, &measurement)
        guard kind != .reads else { continue }
        let count = max(1, readBacks / max(1, job.parameter("turns") ?? 1) / parameters.workers)
        try perform(BlockOrder(kind: .readBack, count: count), &team, &context)
      }
      finish(&measurement, team)
      unsafe context.reason.append(deviceNote(context))
      context.finish(measurement)
    } catch {
      answer(error, team, loop, &context)
    }
  }

  /// Answers a job that the machine has too few workers for.
  private static func hasWorkers(_ parameters: BlockParameters, _ context: inout JobContext) -> Bool {
    let (workers, devices) = unsafe (
      context.environment.pointee.workers, context.environment.pointee.block_devices
    )
    let found = UInt64(min(workers, devices))
    guard parameters.workers > max(1, found) else { return true }
    context.reason.append("the job is for ")
    context.reason.append(parameters.workers)
    context.reason.append(" vCPUs with queues of their own, and the machine has ")
    context.reason.append(found)
    context.fail()
    return false
  }

  private static func makeHistogram(_ context: inout JobContext) -> Histogram? {
    guard let memory = context.carveScratch(Histogram.size) else { return nil }
    return unsafe Histogram(counts: memory.pointer(to: UInt64.self))
  }

  /// The share of a worker.
  /// - Parameter device: the first of the environment's.
  /// - Returns: nil, with the job answered, where there is none.
  @unsafe private static func makeShare(
    _ worker: UInt64, _ parameters: BlockParameters, _ device: UnsafePointer<nm_block_device>, _ job: borrowing Job,
    _ context: inout JobContext, _ kind: BlockPlan.Kind, _ isRandom: Bool, _ loop: Loop
  ) -> BlockShare? {
    let (capacity, parameters) = unsafe (device.pointee.capacity, parameters.share(of: worker))
    let seed = BlockPlan.seed(job.seed, worker: worker)
    guard
      let warmUp = BlockPlan(
        kind: kind, isRandom: isRandom, capacity: capacity, blockSize: parameters.blockSize, seed: seed,
        isWarmUp: true),
      let plan = BlockPlan(
        kind: kind, isRandom: isRandom, capacity: capacity, blockSize: parameters.blockSize, seed: seed)
    else {
      context.skip("half of the disk has no room for one block")
      return nil
    }
    guard let state = context.carveScratch(BlockQueue.stateMemory),
      let free = context.carveScratch(BlockParameters.largestDepth * 2),
      let buffers = context.carveScratch(BlockQueue.bufferMemory(parameters, kind))
    else { return nil }
    let queue = unsafe BlockQueue(
      environment: context.environment, device: device + Int(worker), parameters: parameters, kind: kind, job: job,
      tscKilohertz: context.tscKilohertz, memory: BlockQueue.Memory(state: state, freeTags: free, buffers: buffers))
    return BlockShare(queue, loop, warmUp: warmUp, plan: plan)
  }

  /// Has all workers do what is no window.
  private static func perform(
    _ order: BlockOrder, _ team: inout BlockTeam, _ context: inout JobContext
  ) throws(BlockFailure) {
    _ = try team.perform(order, &context) { _ in nm_tsc() }
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
    _ team: inout BlockTeam, _ duration: UInt64, _ context: inout JobContext, _ measurement: inout Measurement
  ) throws(BlockFailure) {
    let opened: UInt64
    do throws(BlockFailure) {
      opened = try team.perform(BlockOrder(kind: .measure, duration: duration), &context) { $0.openWindow() }
    } catch {
      context.closeWindow()
      throw error
    }
    var window = MeasuredWindow(opened: opened, closed: nm_tsc_end(), operations: 0)
    var samples: UInt64 = 0
    team.forEach { _, share in
      window.operations &+= share.last.operations
      window.bytes &+= share.lastBytes
      samples &+= share.last.operations &+ share.last.missed
      measurement.values.2 &+= share.last.missed
      measurement.values.3 &+= share.last.late
    }
    team.gather(&context.histogram)
    context.close(window, samples: samples, &measurement)
  }

  /// Adds up what only counts as a whole.
  private static func finish(_ measurement: inout Measurement, _ team: borrowing BlockTeam) {
    var (checksum, shares) = (UInt64(0), measurement.shares)
    team.forEach { worker, share in
      checksum &+= share.queue.counts.checksum
      shares[Int(worker)] = share.operations
    }
    measurement.checksum = checksum
    measurement.shares = shares
    measurement.shareCount = team.count > 1 ? Int(team.count) : 0
    measurement.values.0 = measurement.operations
    measurement.values.1 = 1
    measurement.histogramUnit = 1
  }

  /// Answers a job that a worker failed in.
  private static func answer(
    _ failure: BlockFailure, _ team: borrowing BlockTeam, _ loop: Loop, _ context: inout JobContext
  ) {
    if team.hasLost(failure) { context.abandonCarvedScratch() }
    if loop == .flush, isUnsupported(failure) { return context.skip("the device does not know flush") }
    if team.count > 1 {
      context.reason.append("vCPU ")
      context.reason.append(team.failed)
      context.reason.append(": ")
    }
    failure.describe(to: &context.reason)
    context.fail()
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
