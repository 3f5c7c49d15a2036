import ProbeABI

/// The loops of the net workloads. Each begins with a stream of its own that the far end has agreed to, keeps to the credit, so
/// that nothing is lost only because it came too fast, and ends when it is known what became of every record.
extension NetQueue {
  /// What a loop did.
  struct Counts {
    /// Frames, for large ones records, that arrived, each once.
    var arrived: UInt64 = 0
    var lost: UInt64 = 0
    var duplicated: UInt64 = 0
    var reordered: UInt64 = 0
    /// Frames that were due inside the window and could not be sent in it.
    var missed: UInt64 = 0
    /// TSC at the end of what the window holds.
    var closed: UInt64 = 0
  }

  /// Frames that are sent before they are made visible together.
  private static var burst: Int { 8 }
  /// Milliseconds after which an unanswered question is asked again.
  private static var again: UInt64 { 20 }
  /// Times that the far end is asked for what is still missing before it counts as lost.
  private static var attempts: Int { 3 }

  private var credit: UInt64 { parameters.credit &* parameters.records }
  /// Records between two acknowledgements, or two grants.
  private var stride: UInt64 { max(1, credit / 4) }
  private var patience: UInt64 { ticks(milliseconds: parameters.deadlineMilliseconds) }

  /// Begins a stream and waits for the far end to agree.
  mutating func begin(_ work: NetStart.Work, _ histogram: inout Histogram) throws(NetFailure) {
    beginStream()
    let start = NetStart(work, stride: stride)
    let begin = nm_tsc()
    while !isReady {
      let asked = nm_tsc()
      try sendControl(.start, word: 0, start: start)
      repeat {
        _ = try take(mayWait: true, record: false, &histogram)
      } while !isReady && now &- asked < ticks(milliseconds: NetQueue.again)
      if !isReady, now &- begin > patience { throw .silence(milliseconds: parameters.deadlineMilliseconds) }
    }
  }

  /// Sends data, receives data, or both, until the window's end.
  ///
  /// What was sent counts once the far end has reported it, and that time belongs to the window; what was received counts as
  /// it comes, and what is still on its way at the end of the window does not.
  mutating func streamLoop(
    sends: Bool, receives: Bool, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(NetFailure) -> Counts {
    let end = window.end
    now = nm_tsc()
    lastProgress = now
    var granted: UInt64 = 0
    var asked = now
    var counts = Counts()
    while now < end {
      if receives, tracker.next &+ credit &- granted >= stride {
        granted = tracker.next &+ credit
        try sendControl(.grant, word: granted)
      }
      let burst = sends ? try sendBurst() : 0
      // Nothing is looked for that cannot be there yet.
      if receives || burst < NetQueue.burst || (number &- acknowledged) &* 2 >= credit {
        if burst == 0, sends, !hasRoom, number &- acknowledged < credit {
          try takeSent(mayWait: !receives)
          now = nm_tsc()
        }
        let mayWait = burst == 0 && (!sends || number &- acknowledged &+ recordsSent > credit)
        let arrived = try take(mayWait: mayWait, record: false, &histogram)
        if arrived == 0, now &- max(asked, lastProgress) > ticks(milliseconds: NetQueue.again) {
          if receives { granted = try grantAgain(granted, &histogram) }
          if sends { try sendControl(.poll, word: 0) }
          asked = now
          if now &- lastProgress > patience { throw .silence(milliseconds: parameters.deadlineMilliseconds) }
        }
      } else {
        now = nm_tsc()
      }
    }
    counts.arrived = tracker.received
    counts.closed = now
    try settle(sends: sends, receives: receives, &histogram)
    if sends {
      counts.arrived &+= report.received
      counts.closed = now
      counts.lost = number &- min(number, report.received)
    }
    if receives { counts.lost &+= report.sent &- min(report.sent, tracker.received) }
    counts.duplicated = tracker.duplicated &+ report.duplicated
    counts.reordered = tracker.reordered &+ report.reordered
    return counts
  }

  /// Sends as many frames as burst and credit allow.
  @inline(__always)
  private mutating func sendBurst() throws(NetFailure) -> Int {
    var burst = 0
    while burst < NetQueue.burst, number &- acknowledged &+ recordsSent <= credit {
      guard try send(.data, word: 0) else { break }
      burst &+= 1
    }
    if burst > 0 { kick() }
    return burst
  }

  /// Grants beyond all that was sent and lost.
  private mutating func grantAgain(_ granted: UInt64, _ histogram: inout Histogram) throws(NetFailure) -> UInt64 {
    let known = reports
    try sendControl(.poll, word: 0)
    let asked = nm_tsc()
    repeat {
      _ = try take(mayWait: true, record: false, &histogram)
    } while reports == known && now &- asked < ticks(milliseconds: NetQueue.again)
    let limit = max(granted, max(tracker.next, report.sent) &+ credit)
    try sendControl(.grant, word: limit)
    return limit
  }

  /// Asks the far end to stop, until both sides know of every record what became of it.
  private mutating func settle(
    sends: Bool, receives: Bool, _ histogram: inout Histogram
  ) throws(NetFailure) {
    let begin = nm_tsc()
    var attempt = 0
    while true {
      let known = reports
      let asked = nm_tsc()
      try sendControl(.poll, word: 1)
      var isSettled = false
      repeat {
        _ = try take(mayWait: true, record: false, &histogram)
        isSettled =
          reports != known && (!sends || report.received >= number) && (!receives || tracker.received >= report.sent)
      } while !isSettled && now &- asked < ticks(milliseconds: NetQueue.again)
      if isSettled { break }
      // Only an answer says that something is missing. One to an earlier question, while the far end has had no time to run,
      // knows nothing of what was sent since.
      if reports != known { attempt += 1 }
      if attempt >= NetQueue.attempts { break }
      if now &- begin > patience { throw .silence(milliseconds: parameters.deadlineMilliseconds) }
    }
    guard report.received <= number else { throw .impossible(claim: report.received, limit: number) }
    try checkCorruption()
  }

  private func checkCorruption() throws(NetFailure) {
    guard corrupted == 0, report.corrupted == 0 else {
      throw .corrupted(here: corrupted, there: report.corrupted)
    }
  }

  /// Sends one ping after the other, each when the last one's echo is there or counts as lost.
  mutating func pingLoop(
    _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(NetFailure) -> Counts {
    let (end, record) = (window.end, window.isRecorded)
    var unanswered: UInt64 = 0
    now = nm_tsc()
    lastProgress = now
    repeat {
      let begin = nm_tsc()
      while try !send(.ping, word: begin) { try makeRoom(begin) }
      kick()
      repeat {
        _ = try take(mayWait: true, record: record, &histogram)
      } while tracker.next < number && now &- begin < ticks(milliseconds: NetQueue.again)
      unanswered = tracker.next < number ? unanswered &+ 1 : 0
      if unanswered > 0, now &- lastProgress > patience {
        throw .silence(milliseconds: parameters.deadlineMilliseconds)
      }
    } while now < end
    return try endPings(closed: now, &histogram)
  }

  /// Waits for a buffer.
  private mutating func makeRoom(_ begin: UInt64) throws(NetFailure) {
    kick()
    try takeSent(mayWait: true)
    if nm_tsc() &- begin > patience { throw .silence(milliseconds: parameters.deadlineMilliseconds) }
  }

  private mutating func endPings(closed: UInt64, _ histogram: inout Histogram) throws(NetFailure) -> Counts {
    try settle(sends: false, receives: false, &histogram)
    var counts = Counts()
    counts.closed = closed
    counts.arrived = tracker.received
    counts.lost = number &- tracker.received
    counts.duplicated = tracker.duplicated
    counts.reordered = tracker.reordered
    return counts
  }

  /// Keeps as many pings on their way as the credit allows, and says how many a second come back.
  mutating func capacityLoop(duration: UInt64, _ histogram: inout Histogram) throws(NetFailure) -> UInt64 {
    let start = nm_tsc()
    let end = start &+ duration
    now = start
    lastProgress = start
    var window = PingWindow(credit: credit, silence: ticks(milliseconds: NetQueue.again), now: start)
    while now < end {
      var burst = 0
      while burst < NetQueue.burst, window.hasRoom(number, tracker.next), try send(.ping, word: now) { burst &+= 1 }
      if burst > 0 { kick() }
      if burst == 0, !hasRoom { try takeSent(mayWait: false) }
      let arrived = try take(mayWait: burst == 0, record: false, &histogram)
      try check(&window, arrived)
    }
    let counts = try endPings(closed: now, &histogram)
    let ticks = max(1, counts.closed &- start)
    return counts.arrived.multipliedReportingOverflow(by: self.ticks(milliseconds: 1000)).partialValue / ticks
  }

  /// Starts pings at a fixed rate, whether or not earlier ones are back, as far as the credit allows. Latency counts from when
  /// a ping was due. One that was never sent is recorded with its age at the end, which is the least that it would have taken.
  mutating func openLoop(
    rate: UInt64, _ window: LoopWindow, _ histogram: inout Histogram
  ) throws(NetFailure) -> Counts {
    var schedule = BlockSchedule(rate: rate, tscKilohertz: ticks(milliseconds: 1))
    schedule.begin(at: window.start)
    let (end, record) = (window.end, window.isRecorded)
    let last = end &- min(window.duration, schedule.interval)
    now = window.start
    lastProgress = window.start
    var pings = PingWindow(credit: credit, silence: ticks(milliseconds: NetQueue.again), now: window.start)
    while true {
      var time = nm_tsc()
      var sent = false
      while schedule.due <= time, schedule.due <= last, time < end, pings.hasRoom(number, tracker.next),
        try send(.ping, word: schedule.due)
      {
        schedule.advance()
        sent = true
        time = nm_tsc()
      }
      if sent { kick() }
      let isOver = time >= end || schedule.due > last
      if isOver, tracker.next >= number || pings.isSilent(time, lastProgress) { break }
      let arrived = try take(
        mayWait: isOver || !pings.hasRoom(number, tracker.next), record: record, &histogram)
      if !isOver { try check(&pings, arrived) }
    }
    let closed = max(now, window.start &+ 1)
    var missed: UInt64 = 0
    while schedule.due <= last {
      if record { histogram.record(end &- min(end, schedule.due)) }
      missed &+= 1
      schedule.advance()
    }
    var counts = try endPings(closed: closed, &histogram)
    counts.missed = missed
    return counts
  }

  /// After a silence nothing more is expected of what is on its way; one that lasts is a failure.
  private func check(_ window: inout PingWindow, _ arrived: Int) throws(NetFailure) {
    guard arrived == 0, window.isSilent(now, lastProgress) else { return }
    guard now &- lastProgress <= patience else { throw .silence(milliseconds: parameters.deadlineMilliseconds) }
    window.forgive(below: number, now: now)
  }
}
