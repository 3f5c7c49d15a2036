import Frames

/// What every part of the data path needs, constant for a session.
@safe struct NetContext {
  let link: any FrameLink
  let counters: DeviceCounters<NetCounter>.Writer
  let log: NetErrorLog
  let rules: NetRules
  let handover: QueueHandover
  /// Room for a frame and its header, for those that cannot be moved in place.
  let bounce: UnsafeMutableRawPointer
  /// Room for what of a received frame finds no buffer. Nobody reads it.
  let spill: UnsafeMutableRawPointer

  /// Bytes of `bounce` and of `spill`.
  static let bounceSize = 1 << 17

  /// Whether the thread is to stop: looked at before every frame.
  @inline(__always)
  var isStopped: Bool { handover.isStopped }

  /// The wire could not say whether there is a frame.
  @inline(never)
  func failed(_ result: Int) {
    counters.add(.wireErrors)
    log.note("the wire failed", Int32(clamping: 0 &- result))
  }
}
