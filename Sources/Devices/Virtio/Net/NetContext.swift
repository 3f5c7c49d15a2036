import Frames
import Synchronization
import SystemPackage

/// What every part of the data path needs, constant for a session.
@safe struct NetContext {
  let link: any FrameLink
  let counters: DeviceCounters<NetCounter>.Writer
  let log: NetErrorLog
  let rules: NetRules
  let handover: QueueHandover
  /// Room for a frame and its header, for those that cannot be moved in place.
  let bounce: UnsafeMutableRawPointer
  /// Room for the part of a received frame that the driver's buffers do not hold. It is never read.
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

/// The first error of a device's wire, for the leg's reason.
final class NetErrorLog: Sendable {
  private let text = Mutex<String?>(nil)

  var first: String? { text.withLock { $0 } }

  func note(_ what: String, _ errno: Int32) {
    text.withLock { if $0 == nil { $0 = "\(what): \(Errno(rawValue: errno))" } }
  }
}
