import ProbeABI

/// The measuring loop that all workloads share. Generic and fully specialised: no indirect call per operation.
enum Meter {
  /// A batch is long enough when the TSC's own cost is below a thousandth of it.
  private static var shortestBatchMicroseconds: UInt64 { 50 }

  /// Warms up, sizes the batches by time, measures, and answers the job.
  ///
  /// During the warm-up the batch doubles until two in a row take 50 us or more (one may be long by accident), at
  /// most a 16th of the window. Then batches of that size run until the window has passed. `values` of the result:
  /// operations per batch, batches, and what the caller gives.
  /// A job's `delay` is added to each batch, as often as it has operations: a calibration's slowdown of known size.
  /// - Parameter figure: the third value of the result, such as the working set in bytes.
  /// - Returns: whether all batches agreed; if not, the job is answered already.
  static func measure<Workload: BatchWorkload & ~Copyable>(
    _ workload: inout Workload, _ job: borrowing Job, _ context: inout JobContext, figure: UInt64 = 0
  ) -> Measurement? {
    let delay = job.parameter("delay") ?? 0
    let batch = warmUp(&workload, job, context.tscKilohertz, delay)
    var measurement = Measurement()
    var disagreeing: UInt64?
    var batches: UInt64 = 0
    while disagreeing == nil, context.nextWindow() {
      repeatBatches(&workload, batch.operations, for: context.rewarm)
      let before = batches
      let opened = context.openWindow()
      var now = opened
      let end = now &+ job.window
      repeat {
        workload.prepareBatch()
        let begin = nm_tsc_begin()
        let checksum = workload.run(batch.operations)
        if delay > 0 { spin(delay &* batch.operations) }
        now = nm_tsc_end()
        context.histogram.record(now &- begin)
        batches &+= 1
        if checksum != batch.checksum, disagreeing == nil { disagreeing = batches }
      } while now < end
      let operations = (batches &- before) &* batch.operations
      context.close(
        MeasuredWindow(
          opened: opened, closed: now, operations: operations, bytes: operations &* workload.bytesPerOperation),
        samples: batches &- before, &measurement)
    }
    if let disagreeing {
      context.reason.append("checksum of batch ")
      context.reason.append(disagreeing)
      context.fail(" differs")
      return nil
    }
    measurement.checksum = batch.checksum
    measurement.values = (batch.operations, batches, figure, 0)
    measurement.histogramUnit = UInt32(clamping: batch.operations)
    return measurement
  }

  /// Runs batches until the warm-up has passed and the batch is long enough.
  private static func warmUp<Workload: BatchWorkload & ~Copyable>(
    _ workload: inout Workload, _ job: borrowing Job, _ tscKilohertz: UInt64, _ delay: UInt64
  ) -> (operations: UInt64, checksum: UInt64) {
    let enough = max(1, tscKilohertz &* shortestBatchMicroseconds / 1000)
    let most = job.window / 16
    var operations = workload.smallestBatch
    var longInARow = 0
    let start = nm_tsc_begin()
    while true {
      workload.prepareBatch()
      let begin = nm_tsc_begin()
      let checksum = workload.run(operations)
      if delay > 0 { spin(delay &* operations) }
      let end = nm_tsc_end()
      let ticks = end &- begin
      longInARow = ticks >= enough ? longInARow + 1 : 0
      if longInARow == 0, ticks &* 2 <= most, operations < 1 << 40 {
        operations &*= 2
      } else if longInARow != 1 || ticks &* 2 > most, end &- start >= job.warmup {
        return (operations, checksum)
      }
    }
  }

  /// Brings code and data back into the caches.
  private static func repeatBatches<Workload: BatchWorkload & ~Copyable>(
    _ workload: inout Workload, _ operations: UInt64, for duration: UInt64
  ) {
    guard duration > 0 else { return }
    let start = nm_tsc_begin()
    repeat {
      workload.prepareBatch()
      _ = workload.run(operations)
    } while nm_tsc_end() &- start < duration
  }

  /// The least ticks between the opening and the closing of a timed section with nothing in it.
  static func timingCost() -> UInt64 {
    var least = UInt64.max
    for _ in 0..<256 {
      let begin = nm_tsc_begin()
      least = min(least, nm_tsc_end() &- begin)
    }
    return least
  }
}

/// Keeps the processor busy until `ticks` of the TSC have passed: the delay of known size that a calibration adds to each
/// operation (`delay` in a job).
@inline(never)
func spin(_ ticks: UInt64) {
  let start = nm_tsc()
  while nm_tsc() &- start < ticks {}
}
