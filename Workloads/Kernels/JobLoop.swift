import ProbeABI

/// Runs every job of a text on the calling thread and sends a result for each, then the end record.
/// - Parameters:
///   - environment: the machine. Its `tsc_khz` wins over the text's, unless it is 0.
///   - text: the job text, `length` bytes.
///   - extra: is offered every job whose workload is none of the shared ones, after `JobContext.begin`. Returns whether
///     it knows the workload, and if so has answered the job.
/// - Returns: the number of failed jobs; -EINVAL for a text that is no job text (a failed result of job 0 tells the
///   line and the reason); -ENOMEM for an arena below `JobContext.smallestArena`.
@unsafe func runJobs(
  _ environment: UnsafePointer<nm_environment>, _ text: UnsafePointer<UInt8>, _ length: UInt64,
  _ extra: (borrowing Job, inout JobContext) -> Bool
) -> Int64 {
  let (invalid, noMemory): (Int64, Int64) = (-22, -12)
  let bytes = unsafe ByteSlice(base: text, count: Int(clamping: length))
  do throws(JobTextError) {
    var jobs = try JobText(bytes)
    _ = try jobs.validate()
    let given = unsafe environment.pointee.tsc_khz
    let kilohertz = given != 0 ? given : jobs.tscKilohertz
    guard var context = unsafe JobContext(environment: environment, tscKilohertz: kilohertz) else { return noMemory }
    while let job = try jobs.next() {
      context.begin(job)
      run(job, &context, extra)
      context.conclude()
    }
    context.end()
    return context.failures
  } catch {
    guard var context = unsafe JobContext(environment: environment, tscKilohertz: 1) else { return noMemory }
    context.refuse(error)
    context.end()
    return invalid
  }
}

private func run(_ job: Job, _ context: inout JobContext, _ extra: (borrowing Job, inout JobContext) -> Bool) {
  guard context.awaitPreparation() else { return }
  if let workload = KernelWorkload(named: job.workload) {
    workload.run(job, &context)
  } else if !extra(job, &context) {
    context.reason.append("unknown workload ")
    context.reason.append(job.workload)
    context.fail()
  }
}

/// Sends the HELLO record.
/// - Parameters:
///   - text: the job text, `length` bytes; one that is no job text counts as 0 jobs.
///   - entryTSC: TSC at the first instruction that could read it.
@unsafe func sendHello(
  _ environment: UnsafePointer<nm_environment>, _ text: UnsafePointer<UInt8>, _ length: UInt64, entryTSC: UInt64
) {
  let bytes = unsafe ByteSlice(base: text, count: Int(clamping: length))
  var jobs: UInt32 = 0
  do throws(JobTextError) { jobs = try JobText(bytes).validate() } catch { jobs = 0 }
  var arena = unsafe Region(address: environment.pointee.arena, count: environment.pointee.arena_size)
  guard arena.address != 0, let memory = arena.carve(RecordWriter.memorySize) else { return }
  var writer = unsafe RecordWriter(environment: environment, memory: memory)
  writer.hello(entryTSC: entryTSC, readyTSC: nm_tsc(), jobs: jobs)
}
