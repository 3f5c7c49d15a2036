import Glibc
import GuestMemory
import LinuxSystem
import Synchronization
import Testing

@testable import Devices

/// The front end of a disk that another process serves.
@Suite struct VhostUserBlockTests {
  private static let soon: UInt64 = 20_000_000_000

  /// Interrupts of a driver that uses MSI-X, or does not.
  private final class Interrupts: VirtioInterrupts {
    let line: EventCounter?
    let changes = Atomic<Int>(0)

    init(hasMessages: Bool = true) throws {
      if hasMessages { line = try EventCounter() } else { line = nil }
    }

    func buffersUsed(in queue: Int) {}
    func event(for queue: Int) -> Int32? {
      switch line {
      case .some(let line): line.rawValue
      case .none: nil
      }
    }
    func configurationChanged() { changes.add(1, ordering: .relaxed) }
  }

  private struct Setting {
    let device: VhostUserBlock
    let fake: FakeBackend
    let memory: GuestMemory
    let interrupts: Interrupts
  }

  private func make(
    _ offer: FakeBackend.Offer = .init(), options: BlockOptions = BlockOptions(queueSize: 8), isShared: Bool = true,
    hasMessages: Bool = true,
    answer: @escaping @Sendable (FakeBackend.Arrival) -> FakeBackend.Answer = { _ in .usual }
  ) throws -> Setting {
    let memory = try GuestMemory(size: 4 << 20, pages: .small, isShared: isShared)
    let (fake, socket) = try FakeBackend.start(offer, answer: answer)
    let backend = try VhostUserBackend(Descriptor(owning: socket), until: MonotonicClock.now + Self.soon)
    fake.forget()
    return Setting(
      device: try VhostUserBlock(memory: memory, backend: backend, options: options), fake: fake, memory: memory,
      interrupts: try Interrupts(hasMessages: hasMessages))
  }

  private static let layout = VirtqueueLayout(
    size: 8, descriptorArea: GuestAddress(0x1000), driverArea: GuestAddress(0x2000), deviceArea: GuestAddress(0x3000))

  private static let features: VirtioFeatures = [.version1, .blockFlush, .eventIndex]

  @Test func whatTheBackEndOffersIsOfferedAsFarAsItIsKnown() throws {
    var offer = FakeBackend.Offer()
    offer.features = VirtioFeatures(rawValue: .max & ~(1 << 30))
    let device = try make(offer).device
    #expect(device.offeredFeatures.contains([.version1, .packedRing, .eventIndex, .blockDiscard]))
    #expect(!device.offeredFeatures.contains(.blockMultipleQueues), "it has one queue")
    #expect(
      device.offeredFeatures.rawValue & (1 << 1 | 1 << 11 | 1 << 33) == 0, "SIZE_MAX, CONFIG_WCE, ACCESS_PLATFORM")
    let plain = try make(
      offer, options: BlockOptions(queues: 2, offersPackedRing: false, offersEventIndex: false)
    ).device
    #expect(plain.offeredFeatures.contains(.blockMultipleQueues))
    #expect(plain.offeredFeatures.isDisjoint(with: [.packedRing, .eventIndex]))
    #expect(device.readConfiguration(0, width: .quad) == (8 << 20) / 512)
    #expect(device.readConfiguration(56, width: .byte) == 7 && device.readConfiguration(60, width: .long) == 0)
  }

  @Test func aRingIsHandedOverAndTakenBack() throws {
    let setting = try make()
    let (device, memory) = (setting.device, setting.memory)
    device.start(features: Self.features, queues: [Self.layout], interrupts: setting.interrupts)
    #expect(device.failure == nil)
    let base = UInt64(memory.hostRanges[0].lowerBound)
    let expected: [(VhostUserMessage, Int)] = [
      (.number(.setFeatures, Self.features.rawValue | 1 << 30), 0),
      (.memory([.init(guest: 0, count: 4 << 20, address: base, offset: 0)]), 1),
      (.ring(.setRingSize, 0, 8), 0), (.ring(.setRingBase, 0, 0), 0),
      (.addresses(of: 0, .init(descriptors: base + 0x1000, driver: base + 0x2000, device: base + 0x3000)), 0),
      (.number(.setRingCall, 0), 1), (.number(.setRingKick, 0), 1), (.ring(.setRingEnabled, 0, 1), 0),
    ]
    let arrivals = setting.fake.arrivals
    #expect(arrivals.map(\.request) == expected.map(\.0.request))
    #expect(arrivals.map(\.payload) == expected.map(\.0.payload))
    #expect(arrivals.map(\.descriptors) == expected.map(\.1))
    setting.fake.forget()
    device.reset()
    device.reset()
    device.stop(queue: 0)
    #expect(setting.fake.requests == [.getRingBase], "once")
    #expect(device.firstFailure == nil && setting.interrupts.changes.load(ordering: .relaxed) == 0)
    device.start(features: Self.features, queues: [Self.layout], interrupts: setting.interrupts)
    #expect(device.failure == nil && setting.fake.requests.last == .setRingEnabled, "it can be used again")
  }

  @Test func aRingIsDrainedBeforeItIsGivenUp() throws {
    var offer = FakeBackend.Offer()
    offer.base = 3
    let setting = try make(offer)
    let (device, memory) = (setting.device, setting.memory)
    device.start(features: Self.features, queues: [Self.layout], interrupts: setting.interrupts)
    // Three were taken, and two were given back.
    try memory.store(UInt16(2), at: GuestAddress(0x3002))
    device.reset(until: MonotonicClock.now + 50_000_000)
    #expect(device.firstFailure?.contains("kept requests") == true)

    let patient = try make(offer)
    patient.device.start(features: Self.features, queues: [Self.layout], interrupts: patient.interrupts)
    let thread = try PinnedThread(name: "late") { [memory = patient.memory] in
      usleep(20_000)
      try? memory.store(UInt16(3), at: GuestAddress(0x3002))
    }
    patient.device.reset(until: MonotonicClock.now + Self.soon)
    thread.join()
    #expect(patient.device.firstFailure == nil)
  }

  @Test func aPackedRingBeginsAndEndsWithItsWrapCounters() throws {
    var offer = FakeBackend.Offer()
    offer.features.insert(.packedRing)
    offer.base = 0x8005_8005
    let setting = try make(offer)
    let features = Self.features.union(.packedRing)
    setting.device.start(features: features, queues: [Self.layout], interrupts: setting.interrupts)
    let base = setting.fake.arrivals.first { $0.request == .setRingBase }
    #expect(base?.payload == [0, 0, 0, 0, 0, 0x80, 0, 0x80])
    setting.device.reset()
    #expect(setting.device.firstFailure == nil)

    offer.base = 0x8005_8007
    let other = try make(offer)
    other.device.start(features: features, queues: [Self.layout], interrupts: other.interrupts)
    other.device.reset()
    #expect(other.device.firstFailure?.contains("kept requests") == true)
  }

  @Test func aDriverThatCannotBeServedIsToldSo() throws {
    let silent = try make(hasMessages: false)
    silent.device.start(features: Self.features, queues: [Self.layout], interrupts: silent.interrupts)
    #expect(silent.device.failure?.contains("MSI-X") == true && silent.fake.requests.isEmpty)
    #expect(silent.interrupts.changes.load(ordering: .relaxed) == 1)
    let astray = try make()
    var layout = Self.layout
    layout.deviceArea = GuestAddress(4 << 20)
    astray.device.start(features: Self.features, queues: [layout], interrupts: astray.interrupts)
    #expect(astray.device.failure?.contains("not RAM") == true && astray.fake.requests.isEmpty)
    astray.device.reset()
    #expect(astray.device.failure == nil, "a reset makes it whole")
    astray.device.start(features: Self.features, queues: [Self.layout], interrupts: astray.interrupts)
    #expect(astray.device.failure == nil)
  }

  @Test func whatTheTwoDoNotShareIsAnErrorBeforeAGuestIsThere() {
    #expect(throws: VhostUserFailure.self) { _ = try make(isShared: false) }
    #expect(throws: VhostUserFailure.self) { _ = try make(options: BlockOptions(queues: 3)) }
  }

  @Test(arguments: [
    VhostUserRequest.setFeatures, .setMemoryTable, .setRingSize, .setRingBase, .setRingAddresses, .setRingCall,
    .setRingKick, .setRingEnabled,
  ])
  func aBackEndThatGivesUpHalfwayIsSaidOnceAndNotWaitedForAgain(at request: VhostUserRequest) throws {
    let setting = try make { $0.request == request ? .close(after: []) : .usual }
    setting.device.start(features: Self.features, queues: [Self.layout], interrupts: setting.interrupts)
    let reason = "closed the connection at \(request)"
    #expect(setting.device.failure?.contains(reason) == true, "\(setting.device.failure ?? "none")")
    #expect(setting.interrupts.changes.load(ordering: .relaxed) == 1)
    setting.device.reset()
    setting.device.start(features: Self.features, queues: [Self.layout], interrupts: setting.interrupts)
    #expect(setting.device.failure?.contains(reason) == true && setting.device.firstFailure?.contains(reason) == true)
    #expect(setting.fake.requests.last == request)
  }

  private static let refusals: [(FakeBackend.Answer, String)] = [
    (.bytes(FakeBackend.reply(11, [9, 0, 0, 0, 0, 0, 0, 0])), "another ring"),
    (.bytes(FakeBackend.reply(11, [0, 0, 0, 0])), "GET_VRING_BASE with 4 bytes"),
    (.nothing, "did not answer GET_VRING_BASE in time"),
  ]

  @Test(arguments: refusals)
  func aBackEndThatDoesNotStopIsTheReasonOfItsLeg(answer: FakeBackend.Answer, reason: String) throws {
    let setting = try make { $0.request == .getRingBase ? answer : .usual }
    setting.device.start(features: Self.features, queues: [Self.layout], interrupts: setting.interrupts)
    setting.device.reset(until: MonotonicClock.now + 2_000_000_000)
    #expect(setting.device.firstFailure?.contains(reason) == true, "\(setting.device.firstFailure ?? "none")")
  }
}
