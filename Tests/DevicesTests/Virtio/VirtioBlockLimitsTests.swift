import Devices
import Glibc
import GuestMemory
import LinuxSystem
import Storage
import Synchronization
import Testing

/// What a guest may have under way: how soon a device ends, and how long one queue's requests may keep another's waiting.
@Suite(.serialized, .timeLimit(.minutes(2))) struct VirtioBlockLimitsTests {
  private static let features: VirtioFeatures = [.version1, .indirectDescriptors, .blockFlush]
  private static let piece = 64 << 20

  /// Bytes of the guest's RAM, of which nothing is ever touched but rings and headers.
  private static let ram: UInt64 = 7 << 30

  private func makeGuest(queues: Int = 1, ram: UInt64 = 128 << 20) throws -> BlockGuest {
    try BlockGuest(
      disk: BlockDisk(capacity: 1 << 40), options: BlockOptions(queues: queues, queueSize: 256), ram: ram)
  }

  @Test func adjacentBuffersOfMoreThan4GiBTogetherAreMovedInPieces() throws {
    let log = EngineLog()
    let guest = try makeGuest(ram: Self.ram)
    let service = try TestService(guest.device, mode: .notified) { ProbingEngine(capacity: 1 << 40, log) }
    defer { service.end() }
    try guest.start(Self.features, size: 16)
    // The last GiB below the hole, and the first four above it, lie side by side in the host.
    let data = [
      TestBuffer(address: 2 << 30, count: 1 << 30, writable: true),
      TestBuffer(address: 4 << 30, count: 2 << 30, writable: true),
      TestBuffer(address: 6 << 30, count: (2 << 30) - 512, writable: true),
    ]
    try #expect(guest.run(0, sector: 8, data) == 0)
    let total = (5 << 30) - 512
    #expect(log.entries.map(\.count).reduce(0, +) == total)
    #expect(log.entries.allSatisfy { $0.count <= Self.piece })
    var offset: UInt64 = 8 * 512
    for entry in log.entries {
      #expect(entry.offset == offset)
      offset += UInt64(entry.count)
    }
    try #expect(guest.run(1, sector: 0, [TestBuffer(address: 4 << 30, count: .max - 511)]) == 0)
  }

  @Test func aDeviceThatIsToStopTakesNoFurtherRequest() throws {
    let log = EngineLog()
    let guest = try makeGuest()
    try guest.start(Self.features, size: 256)
    for sector in 0..<64 as Range<UInt64> {
      _ = guest.add(0, sector: sector, [TestBuffer(address: 0x40_0000, count: 512, writable: true)])
    }
    guest.kick()
    let device = guest.device
    let service = try TestService(guest.device, mode: .notified) {
      ProbingEngine(capacity: 1 << 40, log) { _ in device.stop() }
    }
    try #require(TestDriver.eventually { !log.entries.isEmpty })
    service.end()
    #expect(log.entries.count == 1)
  }

  @Test(arguments: [false, true])
  func aRequestThatNeverSeemsToEndIsCutOffWhenTheDeviceIsToStop(isAsynchronous: Bool) throws {
    let log = EngineLog()
    let guest = try makeGuest(ram: Self.ram)
    try guest.start(Self.features, size: 64)
    // 64 GiB: the same memory again and again.
    let data = (0..<32).map { _ in TestBuffer(address: 4 << 30, count: 2 << 30, writable: true) }
    _ = guest.add(0, sector: 0, data, indirect: true)
    guest.kick()
    let device = guest.device
    let service = try TestService(guest.device, mode: .notified) {
      ProbingEngine(capacity: 1 << 40, log, isAsynchronous: isAsynchronous) { if $0 == 3 { device.stop() } }
    }
    try #require(TestDriver.eventually { log.entries.count == 3 })
    service.end()
    #expect(log.entries.count == 3)
    #expect(guest.device.firstErrors.isEmpty, "the disk is not to blame")
  }

  @Test func oneQueuesLargeRequestsLetAnotherQueueHaveItsTurn() throws {
    let log = EngineLog()
    let guest = try makeGuest(queues: 2)
    try guest.start(Self.features, queues: 2, size: 256)
    let large = [TestBuffer(address: 0x100_0000, count: UInt32(Self.piece / 2), writable: true)]
    for index in 0..<16 as Range<UInt64> { _ = guest.add(0, sector: index << 20, large) }
    _ = guest.add(0, sector: 1, [TestBuffer(address: 0x40_0000, count: 512, writable: true)], queue: 1)
    for queue in 0..<2 { guest.kick(queue) }
    let service = try TestService(guest.device, mode: .notified) { ProbingEngine(capacity: 1 << 40, log) }
    _ = try #require(guest.wait(1))
    for _ in 0..<16 { _ = try #require(guest.wait(0)) }
    service.end()
    let place = try #require(log.entries.firstIndex { $0.offset == 512 })
    #expect(place <= 2, "after \(place) requests of half a piece each")
  }

  @Test func noMoreThanTheLimitIsInFlight() throws {
    let log = EngineLog()
    let guest = try makeGuest()
    try guest.start(Self.features, size: 256)
    let large = [TestBuffer(address: 0x100_0000, count: UInt32(Self.piece / 2), writable: true)]
    for index in 0..<64 as Range<UInt64> { _ = guest.add(0, sector: index << 20, large) }
    guest.kick()
    let service = try TestService(guest.device, mode: .polled()) {
      ProbingEngine(capacity: 1 << 40, log, isAsynchronous: true)
    }
    for _ in 0..<64 { _ = try #require(guest.wait()) }
    service.end()
    #expect(log.entries.count == 64)
    #expect(log.mostInFlight >= Self.piece)
    #expect(log.mostInFlight <= Int(VirtioBlock.mostBytesInFlight) + Self.piece / 2)
  }

  @Test func aDriverThatWaitsForAResetIsReleasedWhenTheDeviceIsToStop() throws {
    let log = EngineLog()
    let guest = try makeGuest()
    try guest.start(Self.features, size: 16)
    _ = guest.add(0, sector: 0, [TestBuffer(address: 0x40_0000, count: 512, writable: true)])
    guest.kick()
    let gate = Gate()
    let service = try TestService(guest.device, mode: .notified) {
      ProbingEngine(capacity: 1 << 40, log) { _ in gate.hold() }
    }
    try #require(TestDriver.eventually { gate.isHeld })
    let device = guest.device
    let stopper = try PinnedThread(name: "stopper") {
      usleep(50_000)
      device.stop()
    }
    // Without the stop this waits for the request.
    guest.access.status = 0
    #expect(gate.isHeld)
    stopper.join()
    gate.open()
    service.end()
    #expect(log.entries.count == 1)
  }
}

/// Holds an engine's thread inside a request until the test lets it go, or for ten seconds.
private final class Gate: Sendable {
  private let holds = Atomic<Bool>(false)
  private let isOpen = Atomic<Bool>(false)

  /// Whether the engine's thread is inside the request.
  var isHeld: Bool { holds.load(ordering: .acquiring) }

  func hold() {
    holds.store(true, ordering: .releasing)
    for _ in 0..<10_000 where !isOpen.load(ordering: .acquiring) { usleep(1000) }
    holds.store(false, ordering: .releasing)
  }

  func open() { isOpen.store(true, ordering: .releasing) }
}
