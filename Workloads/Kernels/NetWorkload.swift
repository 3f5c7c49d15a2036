import ProbeABI

/// Runs the net workloads against the environment's device.
enum NetWorkload {
  /// What a workload does with the far end.
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum Kind: UInt8 { case transmit, receive, bulk, bidirectional, pingPong, rate }

  /// The names of a result's `values`.
  static func valueName(_ index: Int) -> StaticString {
    switch index {
    case 0: "frames lost"
    case 1: "frames duplicated"
    case 2: "frames reordered"
    case 3: "frames missed"
    default: ""
    }
  }

  /// Runs a job and answers it. `values` of the result: frames lost, duplicated and reordered, and for a fixed rate those that
  /// were missed. The checksum is 0: every frame carries its own, and the job fails by the first that is wrong.
  static func run(_ job: borrowing Job, _ context: inout JobContext, _ kind: Kind) {
    guard let device = unsafe context.environment.pointee.net else { return answerWithoutDevice(&context) }
    guard context.lostRequests == 0 else {
      context.reason.append("the device still holds frames of job ")
      context.reason.append(UInt64(context.lostRequests))
      return context.fail()
    }
    guard let parameters = unsafe NetParameters(job, device, isBulk: kind == .bulk, &context) else { return }
    guard kind != .rate || (parameters.rate == 0) != (parameters.load == 0) else {
      return context.fail("expected either rate= of 1 or more a second or load= of 1 % or more")
    }
    let depth = unsafe device.pointee.queue_depth
    guard let buffers = context.carveScratch(NetQueue.bufferMemory(parameters, depth: depth)) else { return }
    var queue = unsafe NetQueue(
      device: device, parameters: parameters, job: job, tscKilohertz: context.tscKilohertz, state: context.slots,
      buffers: buffers)
    do throws(NetFailure) {
      let rate = try warmUp(kind, &queue, job, &context.histogram)
      var measurement = Measurement()
      measurement.histogramUnit = kind == .pingPong || kind == .rate ? 1 : 0
      while context.nextWindow() {
        if context.rewarm > 0 { try run(kind, &queue, rate: rate, for: context.rewarm, &context.histogram) }
        try measure(kind, &queue, rate: rate, duration: job.window, &context, &measurement)
        // Nothing is left on its way while another leg has its turn.
        guard queue.drain() else { throw .silence(milliseconds: parameters.deadlineMilliseconds) }
      }
      guard queue.drain() else { throw .silence(milliseconds: parameters.deadlineMilliseconds) }
      unsafe context.reason.append(deviceNote(context))
      context.finish(measurement)
    } catch {
      if !queue.drain() { context.abandonCarvedScratch() }
      error.describe(to: &context.reason)
      context.fail()
    }
  }

  /// Answers a job on a machine without a device that works.
  private static func answerWithoutDevice(_ context: inout JobContext) {
    let note = unsafe deviceNote(context)
    guard note.count > 0 else { return context.skip("this machine has no network device") }
    context.reason.append(note)
    if unsafe context.environment.pointee.net_broken != 0 { context.fail() } else { context.skip() }
  }

  /// What the machine says of its device: the remark of a job that went well.
  @unsafe private static func deviceNote(_ context: borrowing JobContext) -> ByteSlice {
    let (note, length) = unsafe (context.environment.pointee.net_note, context.environment.pointee.net_note_length)
    let nothing = unsafe UnsafePointer<UInt8>(bitPattern: 1).unsafelyUnwrapped
    return unsafe ByteSlice(base: note ?? nothing, count: note == nil ? 0 : Int(length))
  }

  private static func work(_ kind: Kind, _ parameters: NetParameters) -> NetStart.Work {
    let shape = parameters.shape
    return switch kind {
    case .transmit: .sink
    case .receive: .source(shape)
    case .bulk: parameters.receives ? .source(shape) : .sink
    case .bidirectional: .both(shape)
    case .pingPong, .rate: .reflector(size: Int(parameters.size))
    }
  }

  /// Runs the workload for the time of the warm-up. One whose load is a share of the capacity finds that capacity meanwhile,
  /// for at least an eighth of the window.
  /// - Returns: frames a second of `net.rate`.
  private static func warmUp(
    _ kind: Kind, _ queue: inout NetQueue, _ job: borrowing Job, _ histogram: inout Histogram
  ) throws(NetFailure) -> UInt64 {
    guard kind == .rate, queue.parameters.load > 0 else {
      let rate = max(1, queue.parameters.rate)
      try run(kind, &queue, rate: rate, for: job.warmup, &histogram)
      return rate
    }
    try queue.begin(work(kind, queue.parameters), &histogram)
    let capacity = try queue.capacityLoop(duration: max(job.warmup, job.window / 8), &histogram)
    return min(100_000_000, max(1, capacity / 100 &* queue.parameters.load))
  }

  /// Runs the workload without counting.
  private static func run(
    _ kind: Kind, _ queue: inout NetQueue, rate: UInt64, for duration: UInt64, _ histogram: inout Histogram
  ) throws(NetFailure) {
    try queue.begin(work(kind, queue.parameters), &histogram)
    let window = LoopWindow(start: nm_tsc(), duration: duration, isRecorded: false)
    _ = try runLoop(kind, &queue, rate: rate, window, &histogram)
  }

  /// Measures one window.
  private static func measure(
    _ kind: Kind, _ queue: inout NetQueue, rate: UInt64, duration: UInt64, _ context: inout JobContext,
    _ measurement: inout Measurement
  ) throws(NetFailure) {
    try queue.begin(work(kind, queue.parameters), &context.histogram)
    let opened = context.openWindow()
    let counts: NetQueue.Counts
    do throws(NetFailure) {
      let window = LoopWindow(start: opened, duration: duration, isRecorded: true)
      counts = try runLoop(kind, &queue, rate: rate, window, &context.histogram)
    } catch {
      context.closeWindow()
      throw error
    }
    let bytes = counts.arrived &* (queue.parameters.payload / queue.parameters.records)
    context.close(
      MeasuredWindow(opened: opened, closed: counts.closed, operations: counts.arrived, bytes: bytes),
      samples: kind == .pingPong || kind == .rate ? counts.arrived &+ counts.missed : 0, &measurement)
    measurement.values.0 &+= counts.lost
    measurement.values.1 &+= counts.duplicated
    measurement.values.2 &+= counts.reordered
    measurement.values.3 &+= counts.missed
  }

  private static func runLoop(
    _ kind: Kind, _ queue: inout NetQueue, rate: UInt64, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(NetFailure) -> NetQueue.Counts {
    switch kind {
    case .pingPong: return try queue.pingLoop(window, &histogram)
    case .rate: return try queue.openLoop(rate: rate, window, &histogram)
    case .transmit: return try queue.streamLoop(sends: true, receives: false, window, &histogram)
    case .receive: return try queue.streamLoop(sends: false, receives: true, window, &histogram)
    case .bidirectional: return try queue.streamLoop(sends: true, receives: true, window, &histogram)
    case .bulk:
      let receives = queue.parameters.receives
      return try queue.streamLoop(sends: !receives, receives: receives, window, &histogram)
    }
  }
}
