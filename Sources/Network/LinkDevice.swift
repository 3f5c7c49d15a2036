import CLinux
import Frames
import LinuxSystem
import ProbeABI

/// A link as the native leg's network device: the calls that a guest's driver makes of rings go straight to the link that a device
/// model would use. The workload's thread alone uses it. Nothing is allocated after the initialiser.
@safe public final class LinkDevice {
  private static var depth: Int { 256 }
  private static var batch: Int { 32 }
  /// Not a power of two, so that the starts of buffers do not compete for the same places in caches.
  private static var buffer: Int { (FrameLimits.longest + 63) / 64 * 64 }
  /// Milliseconds that a call waits at most.
  private static var patience: Int32 { 5000 }

  /// What the C functions reach through the context pointer.
  @safe private struct State {
    let link: any FrameLink
    let buffers: UnsafeMutableRawPointer
    let tags: UnsafeMutablePointer<UInt16>
    var tagCount = 0
  }

  private let state: UnsafeMutablePointer<State>
  /// For `nm_environment.net`.
  public let device: UnsafeMutablePointer<nm_net_device>

  /// - Throws: what the link's `accept` throws.
  public init(_ link: any FrameLink) throws(SystemError) {
    try link.accept(link.receiveFeatures)
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(
      to: State(
        link: link, buffers: .allocate(byteCount: Self.batch * Self.buffer, alignment: 64),
        tags: .allocate(capacity: Self.depth)))
    unsafe device = .allocate(capacity: 1)
    unsafe device.initialize(to: Self.describe(state, link))
  }

  deinit {
    unsafe state.pointee.buffers.deallocate()
    unsafe state.pointee.tags.deallocate()
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
    unsafe device.deallocate()
  }

  @unsafe private static func describe(_ state: UnsafeMutablePointer<State>, _ link: any FrameLink) -> nm_net_device {
    var device = unsafe nm_net_device()
    unsafe device.context = UnsafeMutableRawPointer(state)
    if link.transmitFeatures.contains(.checksum) { unsafe device.features |= NM_NET_CHECKSUM }
    if link.transmitFeatures.contains(.tcp4) { unsafe device.features |= NM_NET_SEGMENTATION }
    if link.receiveFeatures.contains(.tcp4) { unsafe device.features |= NM_NET_LARGE_RECEIVE }
    unsafe device.maximum = NM_NET_LARGE_FRAME
    unsafe device.queue_depth = UInt32(depth)
    unsafe device.address = (0x02, 0x4e, 0x4d, 0, 0, 2)
    unsafe device.send = { context, frame in
      unsafe LinkDevice.send(context!.assumingMemoryBound(to: State.self), frame!.pointee)
    }
    unsafe device.kick = { context in unsafe context!.assumingMemoryBound(to: State.self).pointee.link.flush() }
    unsafe device.sent = { context, tags, limit, _ in
      unsafe LinkDevice.sent(context!.assumingMemoryBound(to: State.self), tags!, Int(limit))
    }
    unsafe device.receive = { context, frames, limit, wait in
      unsafe LinkDevice.receive(context!.assumingMemoryBound(to: State.self), frames!, Int(limit), wait != 0)
    }
    unsafe device.release = { _, _, _ in }
    return unsafe device
  }

  @unsafe private static func send(_ state: UnsafeMutablePointer<State>, _ frame: nm_net_frame) -> Int32 {
    guard unsafe state.pointee.tagCount < depth else { return -EAGAIN }
    var piece = unsafe iovec(iov_base: frame.data, iov_len: Int(frame.length))
    let outcome = unsafe withUnsafePointer(to: &piece) { piece in
      unsafe state.pointee.link.transmit(UnsafeBufferPointer(start: piece, count: 1), FrameHeader(frame))
    }
    switch outcome {
    case .full: return -EAGAIN
    case .refused(let code): return -code
    case .sent: break
    }
    // The link is done with the frame's bytes.
    unsafe state.pointee.tags[state.pointee.tagCount] = unsafe frame.tag
    unsafe state.pointee.tagCount += 1
    return 0
  }

  @unsafe private static func sent(
    _ state: UnsafeMutablePointer<State>, _ tags: UnsafeMutablePointer<UInt16>, _ limit: Int
  ) -> UInt32 {
    let count = unsafe min(limit, state.pointee.tagCount)
    let rest = unsafe state.pointee.tagCount - count
    for index in 0..<count { unsafe tags[index] = unsafe state.pointee.tags[rest + index] }
    unsafe state.pointee.tagCount = rest
    return UInt32(count)
  }

  @unsafe private static func receive(
    _ state: UnsafeMutablePointer<State>, _ frames: UnsafeMutablePointer<nm_net_frame>, _ limit: Int, _ waits: Bool
  ) -> UInt32 {
    let limit = min(limit, batch)
    var count = 0
    while true {
      while count < limit {
        var header = FrameHeader()
        let base = unsafe state.pointee.buffers + count * buffer + 2
        var piece = unsafe iovec(iov_base: base, iov_len: buffer - 2)
        let length = unsafe withUnsafePointer(to: &piece) { piece in
          unsafe state.pointee.link.receive(into: UnsafeBufferPointer(start: piece, count: 1), &header)
        }
        guard length > 0 else { break }
        var frame = unsafe nm_net_frame()
        unsafe frame.data = unsafe base
        unsafe frame.length = UInt32(length)
        unsafe header.describe(&frame)
        unsafe frames[count] = unsafe frame
        count += 1
      }
      if count > 0 || !waits { return UInt32(count) }
      if unsafe !wait(state.pointee.link) { return 0 }
    }
  }

  /// Sleeps until the link has something. Returns false once it was too long.
  private static func wait(_ link: any FrameLink) -> Bool {
    if link.enableEvent() { return true }
    var request = pollfd(fd: link.event, events: Int16(POLLIN), revents: 0)
    let count = unsafe poll(&request, 1, patience)
    link.disableEvent()
    return count > 0
  }
}
