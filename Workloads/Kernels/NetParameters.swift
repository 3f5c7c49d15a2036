import ProbeABI

/// What a job asks of a net workload: `size`, `credit`, `wait`, `direction`, `rate`, `load`, `deadline`.
struct NetParameters {
  /// `size`: bytes of a plain frame, without its frame check sequence; 64 unless given.
  var size: UInt64
  /// `credit`: frames on their way in one direction, at most; 256 unless given. Of large ones 64, which lets a
  /// device work on while the other side wakes up, or 16 to be received, which fit into usual receive buffers and caches.
  var credit: UInt64
  /// Records in a frame: more than 1 only for `net.bulk` on a device that segments.
  var records: UInt64
  /// `wait`: 1 when frames are waited for (by interrupts, in a guest), 0 when they are polled for; 0 unless given.
  var waits: Bool
  /// `direction`: 1 when `net.bulk` is to receive; 0 unless given.
  var receives: Bool
  /// `rate`: frames a second, at most 100 million; 0 when not given.
  var rate: UInt64
  /// `load`: percent of the capacity that the warm-up found, for `net.rate`; 0 when not given.
  var load: UInt64
  /// `deadline`: milliseconds of silence after which the job has failed; 5000 and ten windows unless given.
  var deadlineMilliseconds: UInt64

  /// Most frames on their way that there is room for.
  static var largestCredit: UInt64 { 512 }
  /// Tags that are kept for control frames.
  static var controlTags: UInt64 { 4 }

  /// What frames of data look like.
  var shape: NetShape { records > 1 ? .large(records: Int(records)) : .plain(size: Int(size)) }
  /// Bytes of every frame of data.
  var frameLength: UInt64 { UInt64(shape.frameLength) }
  /// Bytes of a frame's data that a bandwidth counts: all but the headers, which a cut repeats.
  var payload: UInt64 {
    records > 1 ? records * UInt64(NetFrame.segment) : size - UInt64(NetFrame.ethernetHeader)
  }

  /// Reads the parameters. Answers the job and returns nil when they make no sense (failed) or the machine's device
  /// cannot do what they ask (skipped).
  init?(_ job: borrowing Job, _ device: UnsafePointer<nm_net_device>, isBulk: Bool, _ context: inout JobContext) {
    let (features, maximum, depth) = unsafe (
      device.pointee.features, UInt64(device.pointee.maximum), UInt64(device.pointee.queue_depth)
    )
    receives = (job.parameter("direction") ?? 0) != 0
    let needed = receives ? NM_NET_LARGE_RECEIVE : NM_NET_SEGMENTATION
    size = job.parameter("size") ?? (isBulk ? 1514 : 64)
    records = 1
    if isBulk, features & needed != 0, maximum > NetFrame.largeHeader + 2 * NetFrame.segment {
      records = min(
        UInt64(NetFrame.largestRecords), (maximum - UInt64(NetFrame.largeHeader)) / UInt64(NetFrame.segment))
    }
    credit = job.parameter("credit") ?? (records == 1 ? 256 : receives ? 16 : 64)
    waits = (job.parameter("wait") ?? 0) != 0
    rate = job.parameter("rate") ?? 0
    load = job.parameter("load") ?? 0
    let patience = min(1 << 30, 5000 + 10 * (job.window / context.tscKilohertz))
    deadlineMilliseconds = job.parameter("deadline") ?? patience
    guard size >= UInt64(NetFrame.smallest), size <= UInt64(NetFrame.largestPlain) else {
      context.fail("expected size= from 60 to 1514 bytes")
      return nil
    }
    guard credit >= 1, credit <= NetParameters.largestCredit else {
      context.fail("expected credit= from 1 to 512 frames")
      return nil
    }
    guard rate <= 100_000_000, load <= 1000, deadlineMilliseconds >= 1, deadlineMilliseconds <= 1 << 30 else {
      context.fail(
        "expected rate= of at most 100000000 a second, load= of at most 1000 % and deadline= from 1 to 2^30 ms")
      return nil
    }
    guard frameLength <= maximum else {
      context.reason.append("the device takes frames of at most ")
      context.reason.append(maximum)
      context.skip(" bytes")
      return nil
    }
    guard depth > NetParameters.controlTags else {
      context.reason.append("the device takes only ")
      context.reason.append(depth)
      context.skip(" frames at a time")
      return nil
    }
  }
}
