import CLinux
import Glibc
import LinuxSystem
import Synchronization

@testable import Devices

/// A back end that does as a test says: it keeps what it is told, and answers as one does that knows what to do, or otherwise.
final class FakeBackend: Sendable {
  /// A message as it arrived.
  struct Arrival: Hashable, Sendable {
    var request: VhostUserRequest
    var flags: UInt32
    var payload: [UInt8]
    /// How many descriptors came with it.
    var descriptors: Int
  }

  enum Answer: Sendable {
    /// What the protocol says.
    case usual
    /// These bytes, whatever they mean.
    case bytes([UInt8])
    case nothing
    /// Some bytes and the end of the connection.
    case close(after: [UInt8])
  }

  /// What it offers.
  struct Offer: Sendable {
    var features: VirtioFeatures = [.version1, .blockFlush, .blockSize, .indirectDescriptors, .eventIndex]
    var hasProtocol = true
    var protocolFeatures: VhostUserMessage.ProtocolFeatures = [.multipleQueues, .acknowledgements, .configuration]
    var queues: UInt64 = 2
    var capacity: UInt64 = 8 << 20
    /// Where its rings stop.
    var base: UInt32 = 0
  }

  private let offer: Offer
  private let answer: @Sendable (Arrival) -> Answer
  private let kept = Mutex<[Arrival]>([])
  private let socket: Int32

  /// Starts one.
  /// - Parameter answer: called on its thread.
  /// - Returns: the front end's end of the connection beside it.
  static func start(
    _ offer: Offer = Offer(), answer: @escaping @Sendable (Arrival) -> Answer = { _ in .usual }
  ) throws -> (backend: FakeBackend, frontEnd: Int32) {
    var ends: [Int32] = [0, 0]
    try systemCall("make a pair of sockets") {
      unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    let backend = FakeBackend(offer, answer, ends[0])
    try PinnedThread(name: "fake back end") { backend.serve() }.detach()
    return (backend, ends[1])
  }

  private init(_ offer: Offer, _ answer: @escaping @Sendable (Arrival) -> Answer, _ socket: Int32) {
    (self.offer, self.answer, self.socket) = (offer, answer, socket)
  }

  var arrivals: [Arrival] { kept.withLock { $0 } }
  var requests: [VhostUserRequest] { arrivals.map(\.request) }

  /// Forgets what has arrived until now.
  func forget() { kept.withLock { $0 = [] } }

  private func serve() {
    defer { close(socket) }
    while let arrival = receive() {
      kept.withLock { $0.append(arrival) }
      switch answer(arrival) {
      case .usual: send(usualAnswer(arrival))
      case .bytes(let bytes): send(bytes)
      case .nothing: break
      case .close(let bytes):
        send(bytes)
        return
      }
    }
  }

  private func send(_ bytes: [UInt8]) { _ = unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// An answer in its form.
  static func reply(_ request: UInt32, _ payload: [UInt8], flags: UInt32 = 5, count: UInt32? = nil) -> [UInt8] {
    [request, flags, count ?? UInt32(payload.count)].flatMap { word in (0..<4).map { UInt8(word >> (8 * $0) & 255) } }
      + payload
  }

  static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func usualAnswer(_ arrival: Arrival) -> [UInt8] {
    let payload: [UInt8]
    switch arrival.request {
    case .getFeatures: payload = Self.bytes(offer.features.rawValue | (offer.hasProtocol ? 1 << 30 : 0))
    case .getProtocolFeatures: payload = Self.bytes(offer.protocolFeatures.rawValue)
    case .getQueueCount: payload = Self.bytes(offer.queues)
    case .getRingBase: payload = Array(arrival.payload[..<4]) + Self.bytes(offer.base)
    case .getConfiguration:
      let capacity = Self.bytes(offer.capacity / 512)
      payload = Array(arrival.payload[..<12]) + capacity + [UInt8](repeating: 7, count: arrival.payload.count - 20)
    default:
      guard arrival.flags & 8 != 0 else { return [] }
      payload = Self.bytes(UInt64(0))
    }
    return Self.reply(arrival.request.rawValue, payload)
  }

  // MARK: What arrives

  /// - Returns: nil where the front end is gone.
  private func receive() -> Arrival? {
    var descriptors = 0
    guard let head = receive(VhostUserMessage.Head.size, &descriptors) else { return nil }
    let parsed = VhostUserMessage.Head(head)
    guard let request = VhostUserRequest(rawValue: parsed.request),
      let payload = receive(Int(parsed.count), &descriptors)
    else { return nil }
    return Arrival(request: request, flags: parsed.flags, payload: payload, descriptors: descriptors)
  }

  private func receive(_ count: Int, _ descriptors: inout Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      var control = [UInt64](repeating: 0, count: 16)
      let (start, most) = (done, count - done)
      let received = unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe control.withUnsafeMutableBytes { control in
          var part = unsafe iovec(iov_base: bytes.baseAddress! + start, iov_len: most)
          return unsafe withUnsafeMutablePointer(to: &part) { part in
            var message = unsafe msghdr()
            unsafe message.msg_iov = part
            unsafe message.msg_iovlen = 1
            unsafe message.msg_control = control.baseAddress
            unsafe message.msg_controllen = control.count
            return unsafe recvmsg(socket, &message, 0)
          }
        }
      }
      guard received > 0 else { return nil }
      done += received
      // A control message's head is its length, 8 bytes, and two words; descriptors follow it.
      let words = unsafe control.withUnsafeBytes { unsafe Array($0.bindMemory(to: Int32.self)) }
      for index in 0..<max(0, (Int(words[0]) - 16) / 4) {
        descriptors += 1
        close(words[4 + index])
      }
    }
    return bytes
  }
}
