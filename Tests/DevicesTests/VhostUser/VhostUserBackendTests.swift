import LinuxSystem
import Testing

@testable import Devices

/// A back end is asked what the protocol says, in its order, and believed in nothing.
@Suite struct VhostUserBackendTests {
  private static let soon: UInt64 = 20_000_000_000

  private func meet(
    _ offer: FakeBackend.Offer = .init(), patience: UInt64 = Self.soon,
    answer: @escaping @Sendable (FakeBackend.Arrival) -> FakeBackend.Answer = { _ in .usual }
  ) throws -> (VhostUserBackend, FakeBackend) {
    let (fake, socket) = try FakeBackend.start(offer, answer: answer)
    return (try VhostUserBackend(Descriptor(owning: socket), until: MonotonicClock.now + patience), fake)
  }

  @Test func acquaintanceIsMadeInTheProtocolsOrder() throws {
    var offer = FakeBackend.Offer()
    offer.protocolFeatures = .init(rawValue: 0xffff)
    let (backend, fake) = try meet(offer)
    #expect(
      fake.requests == [
        .getFeatures, .getProtocolFeatures, .setProtocolFeatures, .setOwner, .getQueueCount, .getConfiguration,
      ])
    // Of all that is offered what is known is taken: MQ, REPLY_ACK and CONFIG.
    #expect(fake.arrivals[2].payload == FakeBackend.bytes(UInt64(1 << 0 | 1 << 3 | 1 << 9)))
    #expect(fake.arrivals.map { $0.flags & 8 != 0 } == [false, false, false, true, false, false])
    #expect(backend.features == offer.features && backend.queueLimit == 2 && backend.capacity == 8 << 20)
    #expect(backend.configuration.count == 60 && backend.configuration[59] == 7)
  }

  @Test func whatIsNotOfferedIsNotAskedFor() throws {
    var offer = FakeBackend.Offer()
    offer.protocolFeatures = [.configuration]
    let (backend, fake) = try meet(offer)
    #expect(fake.requests == [.getFeatures, .getProtocolFeatures, .setProtocolFeatures, .setOwner, .getConfiguration])
    #expect(fake.arrivals.allSatisfy { $0.flags == 1 })
    #expect(backend.queueLimit == 1)
  }

  /// What a hostile back end does at one request, and what is said of it.
  struct Case: Sendable, CustomTestStringConvertible {
    var at: VhostUserRequest
    var answer: FakeBackend.Answer
    var reason: String
    var testDescription: String { "\(at): \(reason)" }
  }

  private static let eight = [UInt8](repeating: 1, count: 8)
  static let cases = [
    Case(at: .getFeatures, answer: .bytes(FakeBackend.reply(1, [1, 2])), reason: "GET_FEATURES with 2 bytes"),
    Case(
      at: .getFeatures, answer: .bytes(FakeBackend.reply(1, eight, count: .max)),
      reason: "GET_FEATURES with 4294967295 bytes"),
    Case(at: .getFeatures, answer: .bytes(FakeBackend.reply(2, eight)), reason: "another message (request 2"),
    Case(at: .getFeatures, answer: .bytes(FakeBackend.reply(1, eight, flags: 1)), reason: "another message"),
    Case(at: .getFeatures, answer: .bytes(FakeBackend.reply(1, eight, flags: 6)), reason: "another message"),
    Case(at: .getProtocolFeatures, answer: .close(after: []), reason: "closed the connection at GET_PROTOCOL_FEATURES"),
    Case(
      at: .getQueueCount, answer: .close(after: Array(FakeBackend.reply(17, eight)[..<5])),
      reason: "closed the connection at GET_QUEUE_NUM"),
    Case(
      at: .getQueueCount, answer: .close(after: Array(FakeBackend.reply(17, eight)[..<15])),
      reason: "closed the connection at GET_QUEUE_NUM"),
    Case(at: .setOwner, answer: .bytes(FakeBackend.reply(3, eight)), reason: "refused SET_OWNER"),
    Case(at: .setOwner, answer: .bytes(FakeBackend.reply(3, [])), reason: "SET_OWNER with 0 bytes"),
    Case(at: .getConfiguration, answer: .bytes(FakeBackend.reply(24, [])), reason: "refuses to tell its configuration"),
    Case(at: .getConfiguration, answer: .bytes(FakeBackend.reply(24, eight)), reason: "GET_CONFIG with 8 bytes"),
  ]

  @Test(arguments: cases)
  func aHostileAnswerIsAReason(_ hostile: Case) throws {
    let failure = #expect(throws: VhostUserFailure.self) {
      _ = try meet { $0.request == hostile.at ? hostile.answer : .usual }
    }
    #expect(failure?.reason.contains(hostile.reason) == true, "\(failure?.reason ?? "none")")
  }

  @Test(arguments: [VhostUserRequest.getFeatures, .setOwner, .getConfiguration])
  func silenceEndsAtTheDeadline(at request: VhostUserRequest) throws {
    let failure = #expect(throws: VhostUserFailure.self) {
      _ = try meet(patience: 2_000_000_000) { $0.request == request ? .nothing : .usual }
    }
    #expect(failure?.reason.contains("did not answer \(request) in time") == true, "\(failure?.reason ?? "none")")
  }

  @Test func anAnswerThatStopsHalfwayEndsAtTheDeadline() throws {
    let half = Array(FakeBackend.reply(1, Self.eight)[..<15])
    let failure = #expect(throws: VhostUserFailure.self) { _ = try meet(patience: 2_000_000_000) { _ in .bytes(half) } }
    #expect(failure?.reason.contains("did not answer GET_FEATURES in time") == true)
  }

  @Test func oneThatLacksWhatIsNeededIsRefused() throws {
    var old = FakeBackend.Offer()
    old.hasProtocol = false
    #expect(throws: VhostUserFailure.self) { _ = try meet(old) }
    var legacy = FakeBackend.Offer()
    legacy.features.remove(.version1)
    #expect(throws: VhostUserFailure.self) { _ = try meet(legacy) }
    var silent = FakeBackend.Offer()
    silent.protocolFeatures.remove(.configuration)
    let failure = #expect(throws: VhostUserFailure.self) { _ = try meet(silent) }
    #expect(failure?.reason.contains("does not tell its configuration") == true)
  }

  @Test func aCapacityThatNoDiskHasDoesNotOverflow() throws {
    let (backend, _) = try meet { arrival in
      guard arrival.request == .getConfiguration else { return .usual }
      return .bytes(FakeBackend.reply(24, [UInt8](repeating: 255, count: arrival.payload.count)))
    }
    #expect(backend.capacity == .max)
  }
}
