import CLinux
import Frames
import LinuxSystem
import SystemPackage

/// A wire that runs through the kernel: a TAP's descriptor, or a packet socket on one of two virtual Ethernet interfaces, with
/// the far end's packet socket behind it, or with whatever the host has there.
///
/// The far end works on the thread that serves the near side, whenever that finds nothing to receive. The kernel's share is done
/// inside the system calls of whoever sends: `writev` carries a frame up to the queue of the far end's socket, and the far end's
/// `send` up to the queue of the near side. So one CPU pays for the wire and for both of its ends, in native legs and in guest
/// legs alike: that of the I/O thread.
@safe public final class KernelLink: FrameLink, @unchecked Sendable {
  // @unchecked: `FrameLink` is used by one thread at a time.

  private let near: Descriptor
  private let isTAP: Bool
  /// Nil where the host's own network is the far end.
  private let far: FarSocket?
  private let poller: Descriptor
  /// A header before the pieces of a frame.
  private let vector: UnsafeMutablePointer<iovec>
  private let header: UnsafeMutablePointer<FrameHeader>
  private var accepted: FrameFeatures = []

  init(near: consuming Descriptor, isTAP: Bool, far: FarSocket?) throws(SystemError) {
    let fd = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard fd >= 0 else { throw SystemError("create an epoll descriptor", Errno(rawValue: nm_errno())) }
    poller = Descriptor(owning: fd)
    unsafe vector = .allocate(capacity: FrameLimits.pieces + 1)
    unsafe header = .allocate(capacity: 1)
    unsafe header.initialize(to: FrameHeader())
    self.near = near
    self.isTAP = isTAP
    self.far = far
    for watched in [self.near.rawValue, far?.descriptor.rawValue].compactMap(\.self) {
      var event = unsafe epoll_event()
      unsafe event.events = EPOLLIN.rawValue
      guard unsafe epoll_ctl(fd, EPOLL_CTL_ADD, watched, &event) == 0 else {
        throw SystemError("watch a wire", Errno(rawValue: nm_errno()))
      }
    }
  }

  deinit {
    unsafe vector.deallocate()
    unsafe header.deallocate()
  }

  public var transmitFeatures: FrameFeatures { [.checksum, .tcp4] }
  public var receiveFeatures: FrameFeatures { [.checksum, .tcp4] }
  public var mtu: UInt16 { 1500 }

  public func accept(_ features: FrameFeatures) throws(SystemError) {
    accepted = features
    guard isTAP else { return }
    try TAPInterface.accept(
      near.rawValue, checksums: features.contains(.checksum), segments: features.contains(.tcp4))
  }

  public func transmit(_ pieces: UnsafeBufferPointer<iovec>, _ header: FrameHeader) -> FrameOutcome {
    unsafe self.header.pointee = header
    let count = unsafe lay(pieces)
    while true {
      if unsafe writev(near.rawValue, vector, count) >= 0 { return .sent }
      switch nm_errno() {
      case EINTR: continue
      case EAGAIN, ENOBUFS: return .full
      case let code: return .refused(code)
      }
    }
  }

  public func flush() {}

  public func receive(into pieces: UnsafeBufferPointer<iovec>, _ header: inout FrameHeader) -> Int {
    let count = unsafe lay(pieces)
    var result = unsafe readv(near.rawValue, vector, count)
    if result < 0, nm_errno() == EAGAIN, let far, far.step() { result = unsafe readv(near.rawValue, vector, count) }
    guard result >= 0 else {
      let code = nm_errno()
      return code == EAGAIN || code == EINTR ? 0 : -Int(code)
    }
    guard result > FrameHeader.size else { return 0 }
    header = unsafe self.header.pointee
    // The packet socket's end cannot refuse what the receiver did not ask for: it is no frame for it.
    guard accepted.isSuperset(of: header.needs) else { return 0 }
    return result - FrameHeader.size
  }

  /// Puts the header before the pieces; those beyond what a frame may have are left out.
  @inline(__always)
  private func lay(_ pieces: UnsafeBufferPointer<iovec>) -> Int32 {
    let count = min(pieces.count, FrameLimits.pieces)
    unsafe vector[0] = unsafe iovec(iov_base: header, iov_len: FrameHeader.size)
    for index in 0..<count { unsafe vector[index + 1] = unsafe pieces[index] }
    return Int32(count + 1)
  }

  public var event: Int32 { poller.rawValue }

  public func enableEvent() -> Bool {
    if let far, far.hasWork { return true }
    var request = pollfd(fd: poller.rawValue, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, 0) > 0
  }

  public func disableEvent() {}
}
