import CLinux
import Devices
import Frames
import Glibc
import GuestMemory
import LinuxSystem
import Synchronization

/// A wire that checks everything the device asks of it, and answers at random: frames of any length, no room, refusals, errors.
final class FuzzWire: FrameLink {
  private struct State {
    var random: FuzzRandom
    var failure: String?
    var frames = 0
    var host: Range<UInt> = 0..<0
    /// A quiet wire has room and no frames.
    var isQuiet = false
    var last: [UInt8] = []
  }
  private let state: Mutex<State>
  private let counter: EventCounter

  init(seed: UInt64) throws {
    state = Mutex(State(random: FuzzRandom(seed: seed)))
    counter = try EventCounter(nonBlocking: true)
  }

  let transmitFeatures: FrameFeatures = [.checksum, .tcp4]
  let receiveFeatures: FrameFeatures = [.checksum, .tcp4]
  let mtu: UInt16 = 1500

  /// What the device did wrong.
  var failure: String? { state.withLock { $0.failure } }
  /// Frames that crossed it.
  var frames: Int { state.withLock { $0.frames } }
  /// The frame that was sent last.
  var last: [UInt8] { state.withLock { $0.last } }
  var isQuiet: Bool {
    get { state.withLock { $0.isQuiet } }
    set {
      state.withLock { $0.isQuiet = newValue }
      counter.signal()
    }
  }

  func watch(_ memory: GuestMemory) { state.withLock { $0.host = memory.hostRanges[0] } }

  func accept(_ features: FrameFeatures) throws(SystemError) {}
  func flush() {}
  var event: Int32 { counter.rawValue }
  func enableEvent() -> Bool { !isQuiet }
  func disableEvent() {}

  func transmit(_ pieces: UnsafeBufferPointer<iovec>, _ header: FrameHeader) -> FrameOutcome {
    state.withLock { state in
      state.frames += 1
      var bytes: [UInt8] = []
      for index in pieces.indices {
        let piece = unsafe pieces[index]
        if unsafe piece.iov_len == 0 { state.failure = "an empty piece" }
        unsafe bytes += UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
      }
      if !(1...FrameLimits.pieces ~= pieces.count) { state.failure = "\(pieces.count) pieces" }
      state.failure = state.failure ?? Self.complaint(header, bytes.count)
      state.last = bytes
      if state.isQuiet { return .sent }
      switch state.random.below(10) {
      case 0: return .full
      case 1: return .refused(EINVAL)
      default: return .sent
      }
    }
  }

  /// What of `FrameLink`'s promises to a wire is not kept.
  private static func complaint(_ header: FrameHeader, _ count: Int) -> String? {
    if count < 14 || count > FrameLimits.longest { return "a frame of \(count) bytes" }
    if header.segmentation == 0, count > 1518 { return "a plain frame of \(count) bytes" }
    if header.flags & ~1 != 0 || header.segmentation > 1 { return "unknown flags" }
    if header.flags == 1, Int(header.checksumStart) + Int(header.checksumOffset) + 2 > count {
      return "a checksum outside the frame"
    }
    guard header.segmentation != 0 else { return nil }
    return header.flags == 0 || header.segmentSize == 0 || Int(header.headerLength) > count
      ? "impossible segments" : nil
  }

  func receive(into pieces: UnsafeBufferPointer<iovec>, _ header: inout FrameHeader) -> Int {
    state.withLock { state in
      if state.isQuiet { return 0 }
      var room = 0
      for index in pieces.indices {
        let piece = unsafe pieces[index]
        unsafe room += piece.iov_len
        // Every byte that the device offers must be there to be written.
        unsafe piece.iov_base.initializeMemory(as: UInt8.self, repeating: 0xff, count: min(piece.iov_len, 1 << 17))
      }
      switch state.random.below(12) {
      case 0...5: return 0
      case 6: return -Int(EIO)
      case 7:
        header.flags = UInt8(state.random.below(4))
        header.segmentation = UInt8(state.random.below(6))
        header.segmentSize = UInt16(state.random.below(3000))
        return 14 + state.random.below(FrameLimits.longest - 14)
      case 8: return room + state.random.below(1000)
      default:
        state.frames += 1
        return 14 + state.random.below(1505)
      }
    }
  }
}
