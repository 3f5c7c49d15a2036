import LinuxSystem
import SystemPackage

/// The front end's end of a connection to a back end. What comes from there is not believed: an answer has the length that its request
/// asks for, or there is none; every wait has a deadline; after a failure nothing is sent or waited for any more.
struct VhostUserConnection: ~Copyable {
  private let socket: Descriptor
  /// Whether the back end acknowledges messages without an answer of their own.
  var isAcknowledged = false
  private var failure: VhostUserFailure?

  init(_ socket: consuming Descriptor) { self.socket = socket }

  /// The socket's number, which lives as long as this does.
  var descriptor: Int32 { socket.rawValue }

  /// Sends a message that has no answer of its own, and waits for the acknowledgement where there are some.
  mutating func tell(
    _ message: VhostUserMessage, with descriptors: [Int32] = [], until deadline: UInt64
  ) throws(VhostUserFailure) {
    try send(message, descriptors, isAcknowledged: isAcknowledged, deadline)
    guard isAcknowledged else { return }
    let code: UInt64 = VhostUserMessage.integer(try receive(message.request, [8], deadline), at: 0)
    guard code == 0 else { throw fail("refused \(message.request) (\(code))") }
  }

  /// Sends a message and waits for its answer.
  /// - Parameter counts: bytes that the answer's payload may have.
  mutating func ask(
    _ message: VhostUserMessage, counts: [Int], until deadline: UInt64
  ) throws(VhostUserFailure) -> [UInt8] {
    try send(message, [], isAcknowledged: false, deadline)
    return try receive(message.request, counts, deadline)
  }

  /// Asks for a number of 64 bits.
  mutating func number(_ request: VhostUserRequest, until deadline: UInt64) throws(VhostUserFailure) -> UInt64 {
    VhostUserMessage.integer(try ask(.plain(request), counts: [8], until: deadline), at: 0)
  }

  private mutating func send(
    _ message: VhostUserMessage, _ descriptors: [Int32], isAcknowledged: Bool, _ deadline: UInt64
  ) throws(VhostUserFailure) {
    if let failure { throw failure }
    do throws(Errno) {
      try socket.send(message.bytes(isAcknowledged: isAcknowledged), with: descriptors, until: deadline)
    } catch { throw fail(error, message.request) }
  }

  private mutating func receive(
    _ request: VhostUserRequest, _ counts: [Int], _ deadline: UInt64
  ) throws(VhostUserFailure) -> [UInt8] {
    let head = VhostUserMessage.Head(try read(VhostUserMessage.Head.size, request, deadline))
    guard head.answers(request) else {
      throw fail("answered \(request) with another message (request \(head.request), flags \(head.flags))")
    }
    guard let count = counts.first(where: { $0 == Int(head.count) }) else {
      throw fail("answered \(request) with \(head.count) bytes in place of \(counts[0])")
    }
    return try read(count, request, deadline)
  }

  private mutating func read(
    _ count: Int, _ request: VhostUserRequest, _ deadline: UInt64
  ) throws(VhostUserFailure) -> [UInt8] {
    do throws(Errno) { return try socket.receive(count, until: deadline) } catch { throw fail(error, request) }
  }

  private mutating func fail(_ errno: Errno, _ request: VhostUserRequest) -> VhostUserFailure {
    switch errno {
    case .timedOut: fail("did not answer \(request) in time")
    case .connectionReset, .brokenPipe: fail("closed the connection at \(request)")
    default: fail("cannot be asked \(request): \(errno)")
    }
  }

  private mutating func fail(_ what: String) -> VhostUserFailure {
    let failure = VhostUserFailure("the vhost-user back end \(what)")
    self.failure = failure
    return failure
  }
}
