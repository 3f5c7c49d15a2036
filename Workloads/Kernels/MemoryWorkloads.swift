import ProbeABI

/// Gives the memory workloads their working sets and verifies what they left behind.
enum MemoryWorkloads {
  /// Parameter `size`: bytes of both halves together.
  static func runCopy(_ job: borrowing Job, _ context: inout JobContext) {
    guard let memory = context.carveWorkingSet(job, granule: 2 * MemoryCopy.granule) else { return }
    var workload = MemoryCopy(seed: job.seed, memory: memory)
    guard let measurement = Meter.measure(&workload, job, &context, figure: memory.count) else { return }
    conclude(measurement, workload.firstDifference(), &context)
  }

  /// Parameter `size`: bytes of the three parts together.
  static func runTriad(_ job: borrowing Job, _ context: inout JobContext) {
    guard let memory = context.carveWorkingSet(job, granule: 3 * MemoryTriad.granule) else { return }
    var workload = MemoryTriad(seed: job.seed, memory: memory)
    guard let measurement = Meter.measure(&workload, job, &context, figure: memory.count) else { return }
    conclude(measurement, workload.firstDifference(), &context)
  }

  /// Parameter `size`: bytes of all lines.
  static func runLatency(_ job: borrowing Job, _ context: inout JobContext) {
    guard let memory = context.carveWorkingSet(job, granule: 2 * MemoryLatency.lineSize, spare: 16),
      let drawing = context.carveScratch(MemoryLatency.drawingSize(lines: memory.count / MemoryLatency.lineSize))
    else { return }
    var workload = MemoryLatency(seed: job.seed, memory: memory, drawing: drawing)
    guard let measurement = Meter.measure(&workload, job, &context, figure: memory.count) else { return }
    context.finish(measurement)
  }

  private static func conclude(
    _ measurement: borrowing Measurement, _ difference: UInt64?, _ context: inout JobContext
  ) {
    guard let difference else { return context.finish(measurement) }
    context.reason.append("wrong data after the window at offset ")
    context.reason.append(difference)
    context.fail()
  }
}
