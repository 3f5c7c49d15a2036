import CLinux
import Frames
import LinuxSystem

@testable import Network

/// Passes frames on in small pieces.
@safe final class PiecedLink: FrameLink, @unchecked Sendable {
  // @unchecked: used by one thread.

  private let link: any FrameLink
  private(set) var most = 0

  init(_ link: any FrameLink) { self.link = link }

  var transmitFeatures: FrameFeatures { [] }
  var receiveFeatures: FrameFeatures { [] }
  var mtu: UInt16 { link.mtu }
  func accept(_ features: FrameFeatures) throws(SystemError) { try link.accept(features) }
  func flush() { link.flush() }
  var event: Int32 { link.event }
  func enableEvent() -> Bool { link.enableEvent() }
  func disableEvent() { link.disableEvent() }

  func transmit(_ pieces: UnsafeBufferPointer<iovec>, _ header: FrameHeader) -> FrameOutcome {
    let parts = unsafe cut(pieces[0], every: 7)
    most = max(most, unsafe parts.count)
    return unsafe parts.withUnsafeBufferPointer { unsafe link.transmit($0, header) }
  }

  func receive(into pieces: UnsafeBufferPointer<iovec>, _ header: inout FrameHeader) -> Int {
    let parts = unsafe cut(iovec(iov_base: pieces[0].iov_base, iov_len: 660), every: 11)
    return unsafe parts.withUnsafeBufferPointer { unsafe link.receive(into: $0, &header) }
  }

  @unsafe private func cut(_ piece: iovec, every count: Int) -> [iovec] {
    unsafe stride(from: 0, to: piece.iov_len, by: count).map {
      unsafe iovec(iov_base: piece.iov_base + $0, iov_len: min(count, piece.iov_len - $0))
    }
  }
}

/// A TAP's descriptor without a far end behind it: what another program does with one that it inherited.
@safe final class ForeignTAP: FrameLink, @unchecked Sendable {
  // @unchecked: used by one thread.

  private let descriptor: Int32
  private var header = FrameHeader()

  init(_ descriptor: Int32) throws(SystemError) { self.descriptor = descriptor }

  var transmitFeatures: FrameFeatures { [] }
  var receiveFeatures: FrameFeatures { [] }
  var mtu: UInt16 { 1500 }
  func accept(_ features: FrameFeatures) throws(SystemError) {}
  func flush() {}
  var event: Int32 { descriptor }
  func enableEvent() -> Bool { false }
  func disableEvent() {}

  func transmit(_ pieces: UnsafeBufferPointer<iovec>, _ header: FrameHeader) -> FrameOutcome {
    var header = header
    return unsafe withUnsafeMutablePointer(to: &header) { header in
      let parts = unsafe [iovec(iov_base: header, iov_len: FrameHeader.size), pieces[0]]
      return unsafe writev(descriptor, parts, 2) > 0 ? .sent : .refused(nm_errno())
    }
  }

  func receive(into pieces: UnsafeBufferPointer<iovec>, _ header: inout FrameHeader) -> Int {
    unsafe withUnsafeMutablePointer(to: &header) { header in
      let parts = unsafe [iovec(iov_base: header, iov_len: FrameHeader.size), pieces[0]]
      return unsafe max(0, readv(descriptor, parts, 2) - FrameHeader.size)
    }
  }
}
