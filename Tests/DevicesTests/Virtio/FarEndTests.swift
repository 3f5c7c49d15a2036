import Devices
import Glibc
import GuestMemory
import Network
import Testing

@testable import Kernels

/// virtio-net on the in-process wire, with the far end that workloads talk to. The driver's receive buffers end where RAM does: a
/// byte behind them is a fault.
@Suite(.serialized) struct FarEndTests {
  private static let ram: UInt64 = 8 << 20
  private static let features: VirtioFeatures = [.version1, .netAddress]

  private func withGuest(
    _ mode: ServiceMode = .notified, _ features: VirtioFeatures = features, _ body: (NetGuest) throws -> Void
  ) throws {
    let guest = try NetGuest("mmio", try InProcessLink())
    let service = try TestService(guest.device, mode: mode)
    defer { service.end() }
    try guest.start(features, queues: 2, size: 32)
    try body(guest)
  }

  /// Gives the device a buffer that ends where RAM ends.
  private func addLastBuffer(_ guest: NetGuest, frame count: UInt32) {
    guest.addBuffer([12 + count], at: Self.ram - 12 - UInt64(count))
  }

  /// Waits for a frame in such a buffer.
  private func receive(_ guest: NetGuest, frame count: Int) throws -> [UInt8] {
    let used = try #require(guest.wait(NetGuest.receive), "the far end answers")
    #expect(used.written == UInt32(12 + count))
    return guest.read(Self.ram - UInt64(count), count)
  }

  @Test(arguments: [ServiceMode.notified, .polled()])
  func aReflectorOfPlainFramesThatIsToHaveLargeRecordsWritesNothing(mode: ServiceMode) throws {
    try withGuest(mode) { guest in
      for _ in 0..<4 { addLastBuffer(guest, frame: 60) }
      guest.kick(NetGuest.receive)
      // 60 bytes of frame, and records of 1460: what the far end would write is 1474 bytes.
      try guest.send(FarEndFrame.start([FarEndFrame.Role.reflector, 60, 2, 1], stream: 1))
      try guest.send(FarEndFrame.ping(stream: 1))
      try guest.send(FarEndFrame.start([FarEndFrame.Role.reflector, 60, 1, 1], stream: 2))
      #expect(try FarEndFrame.kind(receive(guest, frame: 60)) == .ready, "the first answer is to the second stream")
      try guest.send(FarEndFrame.ping(stream: 2, number: 7))
      #expect(try FarEndFrame.kind(receive(guest, frame: 60)) == .echo)
      #expect(guest.device.failure == nil && guest.rings[0].take() == nil)
    }
  }

  @Test(arguments: [60, 64, 1514])
  func aFrameOfTheFarEndIsAsLongAsAskedFor(size: UInt32) throws {
    try withGuest { guest in
      for length in [60, size] { addLastBuffer(guest, frame: length) }
      guest.kick(NetGuest.receive)
      try guest.send(FarEndFrame.start([FarEndFrame.Role.reflector, UInt64(size), 1, 1], stream: 3))
      #expect(try FarEndFrame.kind(receive(guest, frame: 60)) == .ready)
      try guest.send(FarEndFrame.ping(stream: 3))
      #expect(try FarEndFrame.kind(receive(guest, frame: Int(size))) == .echo)
    }
  }

  @Test func aLargeFrameThatTheBufferIsTooShortForIsDropped() throws {
    let offloads: VirtioFeatures = [.netGuestChecksum, .netGuestTCP4]
    try withGuest(.notified, Self.features.union(offloads)) { guest in
      for _ in 0..<3 { addLastBuffer(guest, frame: 60) }
      guest.kick(NetGuest.receive)
      try guest.send(FarEndFrame.start([FarEndFrame.Role.source, 60, 44, 1], stream: 4))
      #expect(try FarEndFrame.kind(receive(guest, frame: 60)) == .ready)
      try guest.send(FarEndFrame.record(.grant, stream: 4, word: 44, body: []))
      #expect(NetGuest.eventually { guest.device.counters[.overruns] == 1 })
      #expect(guest.device.failure == nil)
    }
  }
}
