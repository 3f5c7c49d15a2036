import ProbeABI

/// The loops of the block workloads. Each begins and ends with nothing in flight, so that the window holds exactly the
/// requests that it counts; the time until the last of them is back belongs to the window.
extension BlockQueue {
  /// Keeps as many requests in flight as the job asks for until the window's end, then waits for the rest.
  ///
  /// Each request is made visible at once: a device that gets a whole batch has nothing to do while the next one gathers
  /// (at depth 32 past the page cache, batches cost a seventh of the throughput here).
  /// - Parameter first: number of the first request.
  /// - Returns: the number of requests.
  mutating func closedLoop(
    _ plan: BlockPlan, from first: UInt64, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(BlockFailure) -> UInt64 {
    let (end, record) = (window.end, window.isRecorded)
    let check = window.verifiesEverything ? Check.everything : .sample
    var number = first
    for tag in 0..<Int(parameters.depth) {
      try submit(plan.step(number), tag: tag)
      number &+= 1
    }
    kick()
    while inFlight > 0 {
      let count = try reap()
      let goesOn = now < end
      for index in 0..<count {
        let (tag, ticks) = try take(index, check)
        if record { histogram.record(ticks) }
        if goesOn {
          try submit(plan.step(number), tag: tag)
          kick()
          number &+= 1
        }
      }
    }
    return number &- first
  }

  /// Writes a block, then flushes, one after the other; the histogram has the flushes' latencies.
  /// - Parameter first: number of the first write.
  /// - Returns: the number of flushes.
  mutating func flushLoop(
    _ plan: BlockPlan, from first: UInt64, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(BlockFailure) -> UInt64 {
    var number = first
    repeat {
      try submit(plan.step(number), tag: 0)
      _ = try finishOne()
      try submitFlush(tag: 0)
      let ticks = try finishOne()
      if window.isRecorded { histogram.record(ticks) }
      number &+= 1
    } while now < window.end
    return number &- first
  }

  private mutating func finishOne() throws(BlockFailure) -> UInt64 {
    kick()
    var count = 0
    while count == 0 { count = try reap() }
    let ticks = try take(0, .sample).ticks
    for index in 1..<count { _ = try take(index, .sample) }
    return ticks
  }

  /// What an open loop did.
  struct OpenLoopCounts {
    var operations: UInt64 = 0
    /// Requests that were due inside the window and could not be issued in it.
    var missed: UInt64 = 0
    /// Requests that were issued more than one interval after they were due.
    var late: UInt64 = 0
  }

  /// Starts requests at a fixed rate, whether or not earlier ones are back, as far as the job's depth allows. Latency counts
  /// from when a request was due. One that was never issued is recorded with its age at the end, which is the least
  /// that it would have taken. Completions are polled for while there is a free tag, because the next request may be
  /// due.
  /// - Parameter first: number of the first request.
  mutating func openLoop(
    _ plan: BlockPlan, from first: UInt64, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(BlockFailure) -> OpenLoopCounts {
    var schedule = parameters.schedule
    schedule.begin(at: window.start)
    let (end, record) = (window.end, window.isRecorded)
    let check = window.verifiesEverything ? Check.everything : .sample
    let last = end &- min(window.duration, schedule.interval)
    let tags = unsafe freeTags
    for tag in 0..<Int(parameters.depth) { unsafe tags[tag] = UInt16(tag) }
    var freeCount = Int(parameters.depth)
    var counts = OpenLoopCounts()
    while true {
      var time = nm_tsc()
      var submitted = false
      while schedule.due <= time, schedule.due <= last, time < end, freeCount > 0 {
        freeCount &-= 1
        if time &- schedule.due > schedule.interval { counts.late &+= 1 }
        try submit(plan.step(first &+ counts.operations), tag: Int(unsafe tags[freeCount]), start: schedule.due)
        schedule.advance()
        counts.operations &+= 1
        submitted = true
        time = nm_tsc()
      }
      if submitted { kick() }
      if inFlight == 0 {
        if time >= end || schedule.due > last { break }
        nm_pause()
        continue
      }
      let count = try reap(mayWait: freeCount == 0 || time >= end)
      for index in 0..<count {
        let (tag, ticks) = try take(index, check)
        if record { histogram.record(ticks) }
        unsafe tags[freeCount] = UInt16(tag)
        freeCount &+= 1
      }
    }
    while schedule.due <= last {
      if record { histogram.record(end &- schedule.due) }
      counts.missed &+= 1
      schedule.advance()
    }
    return counts
  }
}
