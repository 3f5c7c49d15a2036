import CLinux
import Frames
import Glibc
import Kernels
import LinuxSystem
import ProbeABI

/// The far end behind a kernel's interface: a packet socket, served step by step by whoever serves the near side, or by a thread
/// of its own.
@safe final class FarSocket: @unchecked Sendable {
  // @unchecked: one thread at a time steps it.

  /// Frames that a step takes, and sends, at most.
  private static var turn: Int { 64 }

  let descriptor: Descriptor
  private let farEnd = FarEnd()
  private let incoming: UnsafeMutableRawPointer
  private let outgoing: UnsafeMutableRawPointer
  /// Bytes in `outgoing` that the socket had no room for.
  private var held = 0

  init(_ descriptor: consuming Descriptor) {
    self.descriptor = descriptor
    unsafe incoming = .allocate(byteCount: FrameHeader.size + FrameLimits.longest, alignment: 64)
    unsafe outgoing = .allocate(byteCount: FrameHeader.size + FrameLimits.longest, alignment: 64)
  }

  deinit {
    unsafe incoming.deallocate()
    unsafe outgoing.deallocate()
  }

  /// Whether there is something to send.
  var hasWork: Bool { unsafe held > 0 || farEnd.state.pointee.pending > 0 }

  /// Takes what arrived and sends what is due, a turn of both at most. Never waits.
  /// - Returns: whether there was anything.
  func step() -> Bool {
    let room = FrameHeader.size + FrameLimits.longest
    var taken = 0
    while taken < Self.turn {
      let count = unsafe recv(descriptor.rawValue, incoming, room, 0)
      guard count > FrameHeader.size else { break }
      unsafe farEnd.state.pointee.take(incoming + FrameHeader.size, count: count - FrameHeader.size)
      taken += 1
    }
    var sent = 0
    while sent < Self.turn {
      if held == 0 {
        let room = unsafe UnsafeMutableRawBufferPointer(
          start: outgoing + FrameHeader.size, count: FrameLimits.longest)
        guard let frame = unsafe farEnd.state.pointee.produce(into: room) else { break }
        unsafe outgoing.storeBytes(of: FrameHeader(frame), as: FrameHeader.self)
        held = unsafe FrameHeader.size + Int(frame.length)
      }
      let count = unsafe send(descriptor.rawValue, outgoing, held, 0)
      // No room: the same frame again in the next step. Anything else loses it, which its receiver counts.
      if count < 0, [EAGAIN, ENOBUFS].contains(nm_errno()) { break }
      held = 0
      sent += 1
    }
    return taken + sent > 0
  }
}
