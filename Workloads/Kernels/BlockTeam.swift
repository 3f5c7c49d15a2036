import ProbeABI

/// The workers of a block job: the thread that runs the jobs, and those that it has share the work. They begin at the same time,
/// each with its own share, and nothing is in flight when all are back.
/// Sound as `@safe` because workers are counted; whoever makes one vouches for the environment and hands over the memory.
@safe struct BlockTeam: ~Copyable {
  /// What a worker has, at an address that stays.
  private struct Worker: ~Copyable {
    var share: BlockShare
    /// Of a worker that is not the first; the first has the job's.
    var histogram: Histogram
    let line: StartLine
    let number: UInt64
    var order = BlockOrder(kind: .warmUp)
  }

  /// Where workers wait for each other: a cache line that the first one writes, and one of each other worker.
  @safe private struct StartLine {
    private let words: UnsafeMutableRawPointer

    static func size(_ workers: UInt64) -> UInt64 { 64 * workers }

    @unsafe init(_ memory: Region) {
      unsafe words = UnsafeMutableRawPointer(memory.pointer(to: UInt8.self))
    }

    /// - Parameter worker: 0 for the line of all.
    func clear(_ worker: UInt64) { unsafe nm_store64(words + Int(64 &* worker), 0) }

    /// Says that a worker is there, and waits until it is to begin.
    /// - Returns: TSC at which it begins; nil where nobody waited for it.
    func stand(_ worker: UInt64) -> UInt64? {
      unsafe nm_store64(words + Int(64 &* worker), 1)
      while true {
        let start = unsafe nm_load64(words)
        if start != 0 { return start == .max ? nil : start }
        nm_pause()
      }
    }

    func isThere(_ worker: UInt64) -> Bool { unsafe nm_load64(words + Int(64 &* worker)) != 0 }

    func open(at start: UInt64) { unsafe nm_store64(words, start) }
  }

  private let environment: UnsafePointer<nm_environment>
  private let workers: UnsafeMutablePointer<Worker>
  let count: UInt64
  private let line: StartLine
  /// Ticks after which a worker that does not come is given up; those of its work come on top.
  private let patience: UInt64
  private let milliseconds: UInt64
  /// The first worker whose share went wrong, or that did not answer.
  private(set) var failed: UInt64 = 0

  /// What a team works in.
  struct Memory {
    var workers: Region
    var line: Region

    /// - Returns: nil, with the job answered, where there is no room for it.
    init?(_ count: UInt64, _ context: inout JobContext) {
      guard let workers = context.carveScratch(count * UInt64(MemoryLayout<Worker>.stride)),
        let line = context.carveScratch(StartLine.size(count))
      else { return nil }
      self.workers = workers
      self.line = line
    }
  }

  /// - Parameter parameters: of the job as a whole.
  @unsafe init(
    environment: UnsafePointer<nm_environment>, _ parameters: BlockParameters, tscKilohertz: UInt64, _ memory: Memory
  ) {
    unsafe self.environment = unsafe environment
    count = parameters.workers
    unsafe workers = UnsafeMutableRawPointer(memory.workers.pointer(to: UInt8.self)).assumingMemoryBound(
      to: Worker.self)
    unsafe line = StartLine(memory.line)
    milliseconds = parameters.deadlineMilliseconds
    patience = parameters.deadlineMilliseconds &* tscKilohertz
  }

  /// Gives a worker its share. Each gets one before the first `perform`.
  mutating func give(_ share: consuming BlockShare, _ histogram: Histogram, to worker: UInt64) {
    unsafe (workers + Int(worker)).initialize(
      to: Worker(share: share, histogram: histogram, line: line, number: worker))
  }

  /// Has every worker carry out the same order at the same time.
  /// - Parameters:
  ///   - histogram: gets what the first worker records.
  ///   - open: called when all are ready: returns the TSC at which they begin.
  /// - Returns: that TSC.
  /// - Throws: what went wrong with the first share in which something did; `absent` where a worker does not answer: what it works
  ///   in is lost then.
  mutating func perform(
    _ order: BlockOrder, _ context: inout JobContext, open: (inout JobContext) -> UInt64
  ) throws(BlockFailure) -> UInt64 {
    for worker in 1..<max(1, count) { unsafe start(worker, order) }
    var deadline = nm_tsc() &+ patience
    for worker in 1..<max(1, count) {
      while !line.isThere(worker) {
        guard nm_tsc() < deadline else {
          line.open(at: .max)
          failed = worker
          throw .absent(milliseconds: milliseconds)
        }
        nm_pause()
      }
    }
    let begin = open(&context)
    line.open(at: begin)
    unsafe workers.pointee.share.perform(order, at: begin, &context.histogram)
    deadline = nm_tsc() &+ 2 &* patience
    for worker in 1..<max(1, count) {
      while unsafe environment.pointee.busy(environment.pointee.context, UInt32(worker)) != 0 {
        guard nm_tsc() < deadline else {
          failed = worker
          throw .absent(milliseconds: 2 &* milliseconds)
        }
        nm_pause()
      }
    }
    line.clear(0)
    for worker in 0..<count {
      guard let failure = unsafe workers[Int(worker)].share.failure else { continue }
      failed = worker
      throw failure
    }
    return begin
  }

  @unsafe private func start(_ worker: UInt64, _ order: BlockOrder) {
    unsafe workers[Int(worker)].order = order
    line.clear(worker)
    unsafe environment.pointee.start(
      environment.pointee.context, UInt32(worker),
      { argument in
        let worker = unsafe argument.unsafelyUnwrapped.assumingMemoryBound(to: Worker.self)
        guard let start = unsafe worker.pointee.line.stand(worker.pointee.number) else { return }
        unsafe worker.pointee.share.perform(worker.pointee.order, at: start, &worker.pointee.histogram)
      }, UnsafeMutableRawPointer(workers + Int(worker)))
  }

  /// Whether something may still be written to the job's memory after a failure.
  func hasLost(_ failure: BlockFailure) -> Bool {
    if case .absent = failure { return true }
    var hasLost = false
    forEach { _, share in if !share.isDrained { hasLost = true } }
    return hasLost
  }

  /// Adds what the other workers recorded in the last window to the job's histogram.
  mutating func gather(_ histogram: inout Histogram) {
    for worker in 1..<max(1, Int(count)) {
      let samples = unsafe workers[worker].share.last.operations &+ workers[worker].share.last.missed
      _ = unsafe workers[worker].histogram.move(to: &histogram, samples: samples)
    }
  }

  /// Looks at every share.
  func forEach(_ body: (UInt64, borrowing BlockShare) -> Void) {
    for worker in 0..<count { unsafe body(worker, workers[Int(worker)].share) }
  }
}
