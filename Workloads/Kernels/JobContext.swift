import ProbeABI

/// What every job works with: the environment, the histogram, the record writer, and the arena in three parts. The
/// first holds histogram and records, the second is touched page by page by `memory.touch` and never given back, the
/// rest is scratch memory for one job at a time. A workload answers each job once: `finish`, `skip` or `fail`.
@safe struct JobContext: ~Copyable {
  /// What the machine offers; outlives the context.
  let environment: UnsafePointer<nm_environment>
  /// TSC ticks a millisecond.
  let tscKilohertz: UInt64
  /// Ticks of the workload that runs, of one window where it takes turns; cleared before every job.
  var histogram: Histogram
  /// Those of all windows of a job that takes turns, and each window.
  private var allTurns: Histogram
  private var turns: TurnLog
  /// How the job that runs takes turns.
  private var turnTaking = TurnTaking()
  /// The reason that is being put together; cleared before every job.
  var reason: TextBuffer
  /// Pages that were not touched yet.
  var untouched: Region
  /// What is left of the memory for the job that runs; each job starts with all of it.
  private var scratch: Region
  private var allScratch: Region
  /// State of the frames in flight: `JobContext.slotMemory` bytes.
  let slots: Region
  /// Job whose requests or frames a device never gave back; 0 when there is none.
  fileprivate(set) var lostRequests: UInt32 = 0
  /// Jobs that ended neither in `NM_STATUS_OK` nor in `NM_STATUS_SKIPPED`.
  private(set) var failures: Int64 = 0
  private var writer: RecordWriter
  private var job: UInt32 = 0
  private var answered = false

  private static var control: UInt64 { 2 << 20 }
  private static var reasonSize: UInt64 { 2048 }
  /// Bytes of `slots`.
  static var slotMemory: UInt64 { 128 << 10 }
  /// The smallest arena that is any use.
  static var smallestArena: UInt64 { 8 << 20 }

  /// - Parameters:
  ///   - environment: an arena of at least `smallestArena` bytes.
  ///   - tscKilohertz: TSC ticks a millisecond.
  @unsafe init?(environment: UnsafePointer<nm_environment>, tscKilohertz: UInt64) {
    var arena = unsafe Region(address: environment.pointee.arena, count: environment.pointee.arena_size)
    guard arena.count >= JobContext.smallestArena, arena.address != 0,
      var control = arena.carve(JobContext.control),
      let histogramMemory = control.carve(Histogram.size),
      let allTurnsMemory = control.carve(Histogram.size),
      let turnMemory = control.carve(TurnLog.size),
      let recordMemory = control.carve(RecordWriter.memorySize),
      let reasonMemory = control.carve(JobContext.reasonSize),
      let slots = control.carve(JobContext.slotMemory),
      let untouched = arena.carve(arena.count / 4 & ~0xfff)
    else { return nil }
    unsafe self.environment = unsafe environment
    self.tscKilohertz = tscKilohertz
    histogram = unsafe Histogram(counts: histogramMemory.pointer(to: UInt64.self))
    allTurns = unsafe Histogram(counts: allTurnsMemory.pointer(to: UInt64.self))
    turns = unsafe TurnLog(memory: turnMemory)
    writer = unsafe RecordWriter(environment: environment, memory: recordMemory)
    reason = unsafe TextBuffer(base: reasonMemory.pointer(to: UInt8.self), capacity: Int(JobContext.reasonSize))
    self.slots = slots
    self.untouched = untouched
    scratch = arena
    allScratch = arena
  }

  /// Makes everything ready for a job.
  mutating func begin(_ job: borrowing Job) {
    self.job = job.number
    answered = false
    scratch = allScratch
    histogram.clear()
    allTurns.clear()
    turns.clear()
    reason.clear()
    turnTaking = TurnTaking(job)
  }

  /// Ends a job: one that its workload did not answer has failed.
  mutating func conclude() {
    if !answered { fail("the workload gave no result") }
  }

  /// Sends the last record.
  mutating func end() { writer.end() }

  /// Waits until a job that takes turns may prepare itself, which it does in a turn of its own.
  /// - Returns: false, with the job answered, where there is no turn for it.
  mutating func awaitPreparation() -> Bool {
    guard turnTaking.isTaken else { return true }
    guard turnTaking.limit <= UInt64(NM_MAX_TURNS) else {
      fail("expected turns= from 1 to 1024")
      return false
    }
    guard unsafe environment.pointee.turn != nil else {
      fail("legs take no turns on this machine")
      return false
    }
    guard awaitTurn() else {
      fail("the leg was given no turn")
      return false
    }
    return true
  }

  /// Whether there is another window to measure: one for a job by itself, else as many as there are turns. Blocks until the leg
  /// has its turn; nothing may be in flight.
  mutating func nextWindow() -> Bool {
    guard turnTaking.windows < max(1, turnTaking.limit) else { return false }
    guard !turnTaking.isTaken || awaitTurn() else { return false }
    turnTaking.windows += 1
    return true
  }

  /// Ticks of work before a window that do not count: another leg has just had the caches.
  var rewarm: UInt64 { turnTaking.rewarm }

  private func awaitTurn() -> Bool {
    guard let turn = unsafe environment.pointee.turn else { return false }
    var answer = unsafe turn(environment.pointee.context, 0)
    if answer == NM_TURN_ASK {
      writer.turn()
      answer = unsafe turn(environment.pointee.context, 1)
    }
    return answer == NM_TURN_GO
  }

  /// Opens a window and returns its first TSC reading.
  mutating func openWindow() -> UInt64 {
    unsafe environment.pointee.marker(environment.pointee.context, NM_MARKER_OPEN | job)
    return nm_tsc_begin()
  }

  /// Closes a window after its last TSC reading was taken.
  mutating func closeWindow() {
    unsafe environment.pointee.marker(environment.pointee.context, NM_MARKER_CLOSE | job)
  }

  /// Closes a window and keeps what it gave.
  /// - Parameter samples: values that the histogram got in it.
  mutating func close(_ window: MeasuredWindow, samples: UInt64, _ measurement: inout Measurement) {
    closeWindow()
    measurement.add(window)
    guard turnTaking.isTaken else { return }
    turns.append(window, median: histogram.move(to: &allTurns, samples: samples))
  }

  /// Answers the job with a measurement and, where its unit is not 0, the histogram.
  mutating func finish(_ measurement: borrowing Measurement) {
    guard turnTaking.windows > 0 || !turnTaking.isTaken else { return fail("the leg was given no turn to measure in") }
    let overflows = whole.overflows
    if overflows > 0 {
      if reason.count > 0 { reason.append("; ") }
      reason.append(overflows)
      reason.append(" samples were longer than the histogram's largest value")
    }
    var result = nm_result()
    result.status = NM_STATUS_OK.rawValue
    result.histogram_unit = measurement.histogramUnit
    result.operations = measurement.operations
    result.bytes = measurement.bytes
    result.ticks = measurement.ticks
    result.checksum = measurement.checksum
    result.opened_tsc = measurement.opened
    result.closed_tsc = measurement.closed
    result.values = measurement.values
    answer(result, withHistogram: measurement.histogramUnit != 0, measurement.shares, count: measurement.shareCount)
  }

  /// Answers the job: it cannot run here, for a reason that is no failure.
  mutating func skip(_ text: StaticString) {
    reason.append(text)
    skip()
  }

  /// Answers the job as skipped with the reason put together so far.
  mutating func skip() { answer(status: NM_STATUS_SKIPPED) }

  /// Answers the job: it went wrong.
  mutating func fail(_ text: StaticString) {
    reason.append(text)
    fail()
  }

  /// Answers the job as failed with the reason put together so far.
  mutating func fail() { answer(status: NM_STATUS_FAILED) }

  /// Answers a text that is no job text, as job 0.
  mutating func refuse(_ error: JobTextError) {
    reason.append("line ")
    reason.append(UInt64(error.line))
    reason.append(": ")
    fail(error.reason)
  }

  private mutating func answer(status: nm_status) {
    var result = nm_result()
    result.status = status.rawValue
    answer(result, withHistogram: false, Measurement.noShares, count: 0)
  }

  private mutating func answer(
    _ result: nm_result, withHistogram: Bool, _ shares: Measurement.Shares, count: Int
  ) {
    precondition(!answered)
    answered = true
    if result.status == NM_STATUS_FAILED.rawValue { failures += 1 }
    writer.result(
      result, reason: reason.bytes, histogram: withHistogram ? whole : nil, turns: turns, shares, count: count, job: job
    )
  }

  /// The samples of all windows.
  private var whole: Histogram { turnTaking.isTaken ? allTurns : histogram }
}

extension JobContext {
  /// Takes page-aligned memory for the job that runs. Answers the job as skipped when there is not enough.
  mutating func carveScratch(_ bytes: UInt64) -> Region? {
    if let region = scratch.carve(bytes) { return region }
    reason.append("needs ")
    reason.append(bytes)
    reason.append(" bytes of arena, ")
    reason.append(scratch.count)
    skip(" are left")
    return nil
  }

  /// Takes the working set of a memory workload: parameter `size` in bytes, rounded down to a multiple of `granule`.
  /// One that was asked for and does not fit is skipped; the default of 64 MiB is clipped to what there is.
  /// - Parameter spare: leaves a `spare`-th of the working set's size for other uses; 0 leaves nothing.
  mutating func carveWorkingSet(_ job: borrowing Job, granule: UInt64, spare: UInt64 = 0) -> Region? {
    var bytes: UInt64
    if let size = job.parameter("size") {
      bytes = size
    } else {
      let available = scratch.count - min(scratch.count, 2 * 4096)
      bytes = min(64 << 20, spare == 0 ? available : available / (spare + 1) * spare)
    }
    bytes -= bytes % granule
    guard bytes >= granule, bytes <= 1 << 38 else {
      reason.append("expected size= of at least ")
      reason.append(granule)
      fail(" bytes and at most 2^38")
      return nil
    }
    return carveScratch(bytes)
  }

  /// Keeps all memory that the running job has carved from every later job, because a device may still write to it, and
  /// remembers whose requests they were.
  mutating func abandonCarvedScratch() {
    allScratch = scratch
    lostRequests = job
  }
}
