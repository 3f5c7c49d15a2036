import Devices
import Glibc
import Storage
import Testing

/// Several queues of virtio-blk, served by several threads.
@Suite(.serialized) struct VirtioBlockThreadTests {
  private static let size: UInt64 = 4 << 20

  /// Runs a body with a guest and how many flushes each thread's engine was asked for.
  private func withGuest(
    queues: Int, threads: Int, packed: Bool = false, polled: Bool = false, ram: UInt64 = 16 << 20,
    _ body: (BlockGuest, [FlushCount]) throws -> Void
  ) throws {
    let guest = try BlockGuest(
      disk: BlockDisk(capacity: Self.size, identity: "disk"), options: BlockOptions(queues: queues, threads: threads),
      ram: ram)
    let counts = (0..<threads).map { _ in FlushCount() }
    let services = try counts.enumerated().map { number, count in
      try TestService(guest.device, mode: polled ? .polled() : .notified, thread: number) {
        CountingEngine(Backing(NullEngine(capacity: Self.size)), count)
      }
    }
    defer { for service in services { service.end() } }
    var features = VirtioBlockTests.all.union(.blockMultipleQueues)
    if packed { features.insert(.packedRing) }
    try guest.start(features, queues: UInt32(queues))
    try body(guest, counts)
  }

  @Test(arguments: [false, true], [false, true])
  func everyThreadServesItsOwnQueuesAndNoOthers(packed: Bool, polled: Bool) throws {
    try withGuest(queues: 5, threads: 2, packed: packed, polled: polled) { guest, counts in
      for queue in 0..<5 {
        for _ in 0...queue { try #expect(guest.run(4, sector: 0, [], queue: queue) == 0) }
      }
      #expect(counts.map(\.value) == [1 + 3 + 5, 2 + 4])
      #expect((0..<5).map { guest.device.requests(queue: $0) } == [1, 2, 3, 4, 5])
      #expect(guest.device.counters[.flushes] == 15)
    }
  }

  @Test func theLargestNumberOfQueuesIsServed() throws {
    try withGuest(queues: BlockOptions.mostQueues, threads: 16, ram: 32 << 20) { guest, counts in
      for queue in (0..<BlockOptions.mostQueues).reversed() {
        try #expect(guest.run(4, sector: 0, [], queue: queue) == 0, "queue \(queue)")
      }
      #expect(counts.allSatisfy { $0.value == 4 })
    }
  }

  @Test func aBrokenQueueFailsTheDeviceAndAResetMendsAllThreads() throws {
    try withGuest(queues: 2, threads: 2) { guest, counts in
      _ = guest.rings[1].add([TestBuffer(address: 1 << 40, count: 16)])
      guest.kick(1)
      #expect(TestDriver.eventually { guest.status.contains(.needsReset) })
      #expect(guest.device.failure != nil)
      try guest.start(VirtioBlockTests.all.union(.blockMultipleQueues), queues: 2)
      #expect(guest.device.failure == nil)
      for queue in 0..<2 { try #expect(guest.run(4, sector: 0, [], queue: queue) == 0) }
      #expect(counts.map(\.value) == [1, 1])
    }
  }
}
