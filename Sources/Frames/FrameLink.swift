import Glibc
import LinuxSystem

/// One end of a wire, as whoever is attached to it sees it: a device model for a guest, the native machine for a workload.
///
/// A class, so that a device keeps one reference for its life and a call costs one indirect jump; no call allocates. Bytes are
/// copied or handed to the kernel before a call returns: the memory of a frame belongs to the link only for that long. All but
/// the constants are called by one thread at a time, the one that serves the device; the far end has a thread of its own and
/// may run at the same moment.
public protocol FrameLink: AnyObject, Sendable {
  /// What the wire takes over from whoever sends: `FrameHeader`s that ask for more are refused.
  var transmitFeatures: FrameFeatures { get }
  /// What the wire can leave to whoever receives. Nothing of it is, before `accept`.
  var receiveFeatures: FrameFeatures { get }
  /// Bytes of payload of a frame that crosses the wire in one: 1500 on most.
  var mtu: UInt16 { get }

  /// Says what the receiver takes from now on, a subset of `receiveFeatures`: whether checksums may arrive unfinished and
  /// segments whole. Called before the first frame and after every reset of a driver.
  func accept(_ features: FrameFeatures) throws(SystemError)

  /// Sends one frame, an Ethernet header and what follows it without the frame check sequence.
  ///
  /// The pieces lie in memory that a guest may change meanwhile: nothing may be decided on what they hold. There are 1
  /// to `FrameLimits.pieces`, none is empty, and together they have 14 to `FrameLimits.longest` bytes. The header is consistent
  /// with that: checksum and headers lie inside the frame, and the segment size is not 0 where there are segments.
  func transmit(_ pieces: UnsafeBufferPointer<iovec>, _ header: FrameHeader) -> FrameOutcome

  /// Makes everything sent so far visible to the far end, for a wire that does it in batches. Called before anybody waits.
  func flush()

  /// Takes the next frame into the pieces, in their order.
  /// - Returns: the frame's bytes, 0 where none is there; more than there is room for when the rest of it is lost. A negative
  ///   errno for a wire that failed.
  func receive(into pieces: UnsafeBufferPointer<iovec>, _ header: inout FrameHeader) -> Int

  /// A descriptor for an edge-triggered epoll: readable whenever a frame arrived, or, after a `full`, there is room again. The
  /// link owns it, and it stays the same.
  var event: Int32 { get }
  /// Asks for `event` to be signalled by what comes next. Returns true where a frame, or room after a `full`, is there already,
  /// for which it need not be.
  func enableEvent() -> Bool
  /// Withdraws the request. The event may still be signalled.
  func disableEvent()
}

/// What became of a frame that was to be sent.
@frozen public enum FrameOutcome: Hashable, Sendable {
  case sent
  /// There is no room now; the sender keeps the frame and may try again.
  case full
  /// The wire does not take it, with the errno that says why. It is lost.
  case refused(Int32)
}

/// What one side of a link takes over from the other.
@frozen public struct FrameFeatures: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// It finishes checksums.
  public static let checksum = FrameFeatures(rawValue: 1)
  /// It takes TCP segments over IPv4 of up to 64 KiB whole; always with `checksum`.
  public static let tcp4 = FrameFeatures(rawValue: 2)
}
