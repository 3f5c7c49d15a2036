import CLinux
import Frames
import Kernels
import LinuxSystem
import ProbeABI

/// The in-process wire as a device model uses it: the far end works on the device's own thread, on frames where they lie in the
/// guest's memory. The guest's rings are then the only ones between the two CPUs, as the shared rings are between a native
/// workload and its far end (`RingWire`): two threads on two CPUs either way.
@safe public final class InProcessLink: FrameLink, @unchecked Sendable {
  // @unchecked: `FrameLink` is used by one thread at a time.

  private let farEnd = FarEnd()
  private let scratch: UnsafeMutableRawPointer
  private var accepted: FrameFeatures = []
  /// Never signalled: whatever the far end sends, it sends because of a call.
  private let counter: EventCounter

  public init() throws(SystemError) {
    counter = try EventCounter(nonBlocking: true)
    unsafe scratch = .allocate(byteCount: FrameLimits.longest, alignment: 64)
  }

  deinit {
    unsafe scratch.deallocate()
  }

  public var transmitFeatures: FrameFeatures { [.checksum, .tcp4] }
  public var receiveFeatures: FrameFeatures { [.checksum, .tcp4] }
  public var mtu: UInt16 { 1500 }
  public func accept(_ features: FrameFeatures) throws(SystemError) { accepted = features }

  public func transmit(_ pieces: UnsafeBufferPointer<iovec>, _ header: FrameHeader) -> FrameOutcome {
    if pieces.count == 1, let base = unsafe pieces[0].iov_base {
      unsafe farEnd.state.pointee.take(base, count: pieces[0].iov_len)
    } else {
      let count = unsafe Pieces.gather(pieces, to: scratch)
      unsafe farEnd.state.pointee.take(scratch, count: count)
    }
    return .sent
  }

  public func flush() {}

  public func receive(into pieces: UnsafeBufferPointer<iovec>, _ header: inout FrameHeader) -> Int {
    guard unsafe farEnd.state.pointee.pending > 0 else { return 0 }
    let first = unsafe UnsafeMutableRawBufferPointer(start: pieces[0].iov_base, count: pieces[0].iov_len)
    if let frame = unsafe farEnd.state.pointee.produce(into: first) { return unsafe finish(frame, &header) }
    // It needs more than the first piece.
    let room = unsafe UnsafeMutableRawBufferPointer(start: scratch, count: FrameLimits.longest)
    guard let frame = unsafe farEnd.state.pointee.produce(into: room) else { return 0 }
    unsafe Pieces.scatter(scratch, count: Int(frame.length), to: pieces)
    return unsafe finish(frame, &header)
  }

  @unsafe @inline(__always)
  private func finish(_ frame: nm_net_frame, _ header: inout FrameHeader) -> Int {
    header = unsafe FrameHeader(frame)
    // What the receiver did not ask for is no frame for it: a workload that claims more than its driver agreed to.
    guard accepted.isSuperset(of: header.needs) else { return 0 }
    return Int(unsafe frame.length)
  }

  public var event: Int32 { counter.rawValue }
  public func enableEvent() -> Bool { unsafe farEnd.state.pointee.pending > 0 }
  public func disableEvent() {}
}
