import ProbeABI

/// What a job asks of a block workload: `bs`, `qd`, `queues`, `vcpus`, `wait`, `diskseed`, `verify`, `deadline`, `rate`,
/// `delay`, `extra`.
struct BlockParameters {
  /// `bs`: bytes of a request, a multiple of 512; 4096 unless given.
  var blockSize: UInt64
  /// `qd`: requests in flight in each queue; 1 unless given. Of a share, those in all its queues.
  var depth: UInt64
  /// `queues`: queues of the device; 1 unless given.
  let queues: UInt64
  /// `vcpus`: workers that share the job; 1 unless given. Queue i is worker i's modulo their number.
  let workers: UInt64
  /// `wait`: 1 when completions are waited for (by interrupts, in a guest), 0 when they are polled for; 0 unless given.
  var waits: Bool
  /// `diskseed`: seed that the disk was prepared with; 0 unless given.
  var diskSeed: UInt64
  /// `deadline`: milliseconds after which a silent device has failed; 5000 and ten windows unless given.
  var deadlineMilliseconds: UInt64
  /// `verify`: 0 for a device that moves no data; 1 unless given. Without it the checksum stays 0.
  var verifies: Bool
  /// `rate`: operations a second, at most 10 million; 0 when not given.
  var rate: UInt64
  /// `delay`: TSC ticks that a calibration adds to each request; 0 unless given.
  var delay: UInt64
  /// `extra`: exits to the monitor that a calibration adds to each request; 0 unless given.
  var extraExits: UInt64
  /// When requests are due at that rate.
  var schedule: BlockSchedule

  /// Most requests in flight that the loops have room for.
  static var largestDepth: UInt64 { 1024 }
  private static var mostQueues: UInt64 { 64 }

  /// Reads the parameters. Answers the job and returns nil when they make no sense (failed) or the machine's device
  /// cannot do what they ask (skipped).
  init?(_ job: borrowing Job, _ device: UnsafePointer<nm_block_device>, _ context: inout JobContext) {
    blockSize = job.parameter("bs") ?? 4096
    depth = job.parameter("qd") ?? 1
    queues = job.parameter("queues") ?? 1
    workers = job.parameter("vcpus") ?? 1
    waits = (job.parameter("wait") ?? 0) != 0
    diskSeed = job.parameter("diskseed") ?? 0
    verifies = (job.parameter("verify") ?? 1) != 0
    rate = job.parameter("rate") ?? 0
    delay = job.parameter("delay") ?? 0
    extraExits = job.parameter("extra") ?? 0
    schedule = BlockSchedule(rate: max(rate, 1), tscKilohertz: context.tscKilohertz)
    let patience = min(1 << 30, 5000 + 10 * (job.window / context.tscKilohertz))
    deadlineMilliseconds = job.parameter("deadline") ?? patience
    guard blockSize >= 512, blockSize % 512 == 0, blockSize <= 1 << 31 else {
      context.fail("expected bs= of a multiple of 512 bytes, at most 2^31")
      return nil
    }
    guard depth >= 1, depth <= BlockParameters.largestDepth else {
      context.fail("expected qd= from 1 to 1024")
      return nil
    }
    guard workers >= 1, workers <= UInt64(NM_MAX_WORKERS), queues >= workers, queues <= BlockParameters.mostQueues
    else {
      context.fail("expected vcpus= from 1 to 16 and queues= from as many to 64")
      return nil
    }
    guard share(of: 0).depth <= BlockParameters.largestDepth else {
      context.fail("expected qd= of at most 1024 in all queues of a vCPU")
      return nil
    }
    guard rate <= 10_000_000, deadlineMilliseconds >= 1, deadlineMilliseconds <= 1 << 30 else {
      context.fail("expected rate= of at most 10000000 a second and deadline= from 1 to 2^30 ms")
      return nil
    }
    let (maximum, queueDepth) = unsafe (device.pointee.maximum, device.pointee.queue_depth)
    guard blockSize <= maximum else {
      context.reason.append("the device takes at most ")
      context.reason.append(UInt64(maximum))
      context.skip(" bytes in a request")
      return nil
    }
    guard share(of: 0).depth <= queueDepth else {
      context.reason.append("the device takes at most ")
      context.reason.append(UInt64(queueDepth))
      context.skip(" requests at a time")
      return nil
    }
  }

  /// What a worker's share of the job asks for.
  /// - Parameter worker: its number, below `workers`.
  func share(of worker: UInt64) -> BlockParameters {
    var share = self
    share.depth = depth * ((queues - worker - 1) / workers + 1)
    return share
  }
}
