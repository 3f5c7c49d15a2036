import CSystem
import Devices
import Frames
import Glibc
import LinuxSystem
import Synchronization

/// One end of a wire whose other end is the test.
final class TestWire: FrameLink {
  struct Sent: Sendable {
    var bytes: [UInt8]
    var header: FrameHeader
    var pieces: Int
  }
  struct Arrival: Sendable {
    var bytes: [UInt8]
    var header = FrameHeader()
  }
  private struct State {
    var sent: [Sent] = []
    var arrivals: [Arrival] = []
    var next = 0
    /// Frames that there is room for.
    var room = Int.max
    var refusal: Int32 = 0
    var accepted: FrameFeatures?
    var flushes = 0
    var failure: Int32 = 0
  }

  let transmitFeatures: FrameFeatures
  let receiveFeatures: FrameFeatures
  let mtu: UInt16
  private let state = Mutex(State())
  private let counter: EventCounter

  init(_ features: FrameFeatures = [.checksum, .tcp4], mtu: UInt16 = 1500) throws {
    transmitFeatures = features
    receiveFeatures = features
    self.mtu = mtu
    counter = try EventCounter(nonBlocking: true)
  }

  // MARK: the test's side

  var sent: [Sent] { state.withLock { $0.sent } }
  var accepted: FrameFeatures? { state.withLock { $0.accepted } }
  /// Frames that the device has not taken.
  var waiting: Int { state.withLock { $0.arrivals.count - $0.next } }
  var refusal: Int32 {
    get { state.withLock { $0.refusal } }
    set { state.withLock { $0.refusal = newValue } }
  }
  var failure: Int32 {
    get { state.withLock { $0.failure } }
    set { state.withLock { $0.failure = newValue } }
  }

  func send(_ frame: [UInt8], _ header: FrameHeader = FrameHeader()) {
    state.withLock { $0.arrivals.append(Arrival(bytes: frame, header: header)) }
    counter.signal()
  }

  func makeRoom(_ room: Int) {
    state.withLock { $0.room = room }
    counter.signal()
  }

  /// Forgets what was sent and what waits.
  func clear() {
    state.withLock {
      $0.sent = []
      $0.arrivals = []
      $0.next = 0
    }
  }

  // MARK: the device's side

  func accept(_ features: FrameFeatures) throws(SystemError) { state.withLock { $0.accepted = features } }

  func transmit(_ pieces: UnsafeBufferPointer<iovec>, _ header: FrameHeader) -> FrameOutcome {
    var bytes: [UInt8] = []
    for index in pieces.indices {
      let piece = unsafe pieces[index]
      unsafe bytes += UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
    }
    let count = pieces.count
    return state.withLock { state in
      if state.refusal != 0 { return .refused(state.refusal) }
      guard state.room > 0 else { return .full }
      state.room -= 1
      state.sent.append(Sent(bytes: bytes, header: header, pieces: count))
      return .sent
    }
  }

  func flush() { state.withLock { $0.flushes += 1 } }

  func receive(into pieces: UnsafeBufferPointer<iovec>, _ header: inout FrameHeader) -> Int {
    let (arrival, failure) = state.withLock { state -> (Arrival?, Int32) in
      if state.failure != 0 { return (nil, state.failure) }
      guard state.next < state.arrivals.count else { return (nil, 0) }
      state.next += 1
      return (state.arrivals[state.next - 1], 0)
    }
    guard let arrival else { return -Int(failure) }
    header = arrival.header
    var done = 0
    for index in pieces.indices where done < arrival.bytes.count {
      let piece = unsafe pieces[index]
      let part = unsafe min(piece.iov_len, arrival.bytes.count - done)
      unsafe arrival.bytes[done..<done + part].withUnsafeBytes {
        unsafe piece.iov_base.copyMemory(from: $0.baseAddress!, byteCount: part)
      }
      done += part
    }
    return arrival.bytes.count
  }

  var event: Int32 { counter.rawValue }
  func enableEvent() -> Bool {
    state.withLock { $0.failure == 0 && $0.next < $0.arrivals.count }
  }
  func disableEvent() {}
}
