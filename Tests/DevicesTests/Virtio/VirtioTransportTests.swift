import Devices
import Glibc
import GuestMemory
import Storage
import TestSupport
import Testing

/// Negotiation, status and queues' set-up: the same claims over both transports.
@Suite(.serialized) struct VirtioTransportTests {
  static let transports = ["mmio", "pci"]
  static let basic: VirtioFeatures = [.version1, .blockFlush, .indirectDescriptors]

  static func makeGuest(_ transport: String, options: BlockOptions = BlockOptions(), readOnly: Bool = false) throws
    -> BlockGuest
  {
    try BlockGuest(disk: BlockDisk(capacity: 4 << 20, isReadOnly: readOnly), options: options) { device in
      if transport == "pci" { return try TestPCIAccess(device) }
      return try TestMMIOAccess(device)
    }
  }

  /// Runs a null disk's I/O thread while `body` runs.
  static func serving(_ guest: BlockGuest, _ mode: ServiceMode = .notified, _ body: () throws -> Void) throws {
    let service = try TestService(guest.device, mode: mode) { NullEngine(capacity: 4 << 20) }
    defer { service.end() }
    try body()
  }

  static let page = [TestBuffer(address: 0x40_0000, count: 4096, writable: true)]

  @Test(arguments: transports)
  func whatIsOfferedSaysVirtio1PackedRingsAndWhatTheDiskCanDo(transport: String) throws {
    let guest = try Self.makeGuest(transport)
    let bits = UInt64(guest.access.offeredFeatures(1)) << 32 | UInt64(guest.access.offeredFeatures(0))
    let offered = VirtioFeatures(rawValue: bits)
    #expect(offered == guest.device.offeredFeatures)
    #expect(offered.isSuperset(of: [.version1, .packedRing, .eventIndex, .blockFlush, .blockDiscard]))
    #expect(guest.access.offeredFeatures(2) == 0)
    let locked = try Self.makeGuest(transport, readOnly: true)
    let other = VirtioFeatures(rawValue: UInt64(locked.access.offeredFeatures(0)))
    #expect(other.contains(.blockReadOnly) && !other.contains(.blockDiscard))
  }

  @Test(arguments: transports)
  func featuresThatWereNotOfferedOrNoVirtio1AreNotAcceptedOthersThenAreFixed(transport: String) throws {
    let guest = try Self.makeGuest(transport)
    #expect(!guest.negotiate([.blockFlush]))
    #expect(!guest.negotiate([.version1, VirtioFeatures(rawValue: 1 << 50)]))
    #expect(!guest.negotiate([.version1, .blockReadOnly]))
    #expect(guest.negotiate(Self.basic))
    guest.access.setFeatures(1, 0)
    guest.access.status = 15
    #expect(guest.status.contains(.driverOK), "a change after FEATURES_OK has no effect")
  }

  @Test(arguments: transports)
  func bitsOfTheStatusAreNotTakenBackButByAResetAndDriverOKNeedsFeaturesOK(transport: String) throws {
    let guest = try Self.makeGuest(transport)
    guest.access.status = 3
    guest.access.status = 1
    #expect(guest.access.status == 3)
    guest.access.status = 7
    #expect(guest.access.status == 3)
    guest.access.status = 0
    #expect(guest.access.status == 0)
  }

  @Test(arguments: transports)
  func aQueueIsReadyOnlyBetweenFeaturesOKAndDriverOKAndWithAPossibleSize(transport: String) throws {
    let guest = try Self.makeGuest(transport, options: BlockOptions(queueSize: 64))
    guest.access.status = 3
    let layout = guest.makeRing().layout
    #expect(!guest.access.enable(0, layout), "before FEATURES_OK")
    guest.negotiate(Self.basic)
    #expect(!guest.access.enable(1, layout), "there is one queue")
    var large = layout
    large.size = 128
    #expect(!guest.access.enable(0, large))
    large.size = 0
    #expect(!guest.access.enable(0, large))
    #expect(guest.access.enable(0, layout))
    guest.access.status = 15
    #expect(guest.access.enable(0, layout), "it stays ready")
  }

  @Test(arguments: transports)
  func theConfigurationReadsAlikeAtEveryWidth(transport: String) throws {
    let guest = try Self.makeGuest(transport, options: BlockOptions(queues: 3, queueSize: 64))
    #expect(guest.access.configuration(0, .quad) == 8192)
    #expect(guest.access.configuration(0, .long) == 8192)
    #expect(guest.access.configuration(1, .byte) == 0x20)
    #expect(guest.access.configuration(12, .long) == 62)
    #expect(guest.access.configuration(20, .long) == 512)
    #expect(guest.access.configuration(34, .word) == 3)
    #expect(guest.access.configuration(4000, .quad) == 0)
    #expect(guest.access.configuration(58, .quad) == 0)
  }

  @Test(arguments: transports, [true, false])
  func aRequestsInterruptArrivesAndNoneInPolledMode(transport: String, polled: Bool) throws {
    let guest = try Self.makeGuest(transport)
    try Self.serving(guest, polled ? .polled() : .notified) {
      try guest.start(Self.basic)
      try #expect(guest.run(0, sector: 0, Self.page) == 0)
      // The pulse follows the used index: give it a moment, and its absence too.
      if polled { usleep(5000) } else { _ = TestDriver.eventually { guest.device.counters[.interrupts] > 0 } }
      if !polled { _ = TestDriver.eventually { guest.access.interrupts > 0 } }
      #expect(guest.access.interrupts == (polled ? 0 : 1))
      #expect(guest.device.counters[.interrupts] == (polled ? 0 : 1))
    }
  }

  @Test(arguments: transports)
  func aBrokenRingAsksForAResetAndAfterItTheDeviceWorksAgain(transport: String) throws {
    let guest = try Self.makeGuest(transport)
    try Self.serving(guest) {
      try guest.start(Self.basic)
      _ = guest.rings[0].add([TestBuffer(address: 1 << 40, count: 16)])
      guest.kick()
      #expect(TestDriver.eventually { guest.status.contains(.needsReset) })
      #expect(guest.device.failure == "a buffer of 16 bytes at 0x10000000000 is not RAM")
      // The pulse follows the status.
      #expect(TestDriver.eventually { guest.access.interrupts == 1 })
      try guest.start(Self.basic)
      #expect(guest.device.failure == nil)
      try #expect(guest.run(0, sector: 0, Self.page) == 0)
    }
  }

  @Test(arguments: transports)
  func aQueueThatLiesOutsideRAMAsksForAReset(transport: String) throws {
    let guest = try Self.makeGuest(transport)
    try Self.serving(guest) {
      guest.negotiate(Self.basic)
      var layout = guest.makeRing().layout
      layout.deviceArea = GuestAddress(1 << 50)
      guest.access.enable(0, layout)
      guest.access.status = 15
      #expect(TestDriver.eventually { guest.status.contains(.needsReset) })
    }
  }

  @Test(arguments: transports, [true, false])
  func resetsInFlightLeaveTheRingsMemoryAlone(transport: String, polled: Bool) throws {
    let disk = try TestDisk("direct", size: 4 << 20, seed: 1)
    let guest = try Self.makeGuest(transport)
    let specification = disk.specification
    let service = try TestService(guest.device, mode: polled ? .polled() : .notified) { try specification.open() }
    defer { service.end() }
    for round in 0..<40 {
      try guest.start(round % 2 == 0 ? Self.basic : Self.basic.union(.packedRing), size: 64)
      for index in 0..<16 as Range<UInt64> {
        _ = guest.add(
          0, sector: index * 8, [TestBuffer(address: 0x40_0000 + index * 4096, count: 4096, writable: true)])
      }
      guest.kick()
      if round % 3 == 0 { usleep(UInt32(round * 5)) }
      guest.access.status = 0
      #expect(guest.access.status == 0)
      let all = unsafe guest.memory.bytes(0, 8 << 20)
      unsafe all.initializeMemory(as: UInt8.self, repeating: 0xa5)
      usleep(300)
      // Every byte equals the one before it.
      #expect(
        unsafe memcmp(all.baseAddress!, all.baseAddress! + 1, all.count - 1) == 0 && all[0] == 0xa5, "round \(round)")
    }
  }

  @Test(arguments: transports)
  func anIdlePollingThreadGoesToSleepSaysSoInItsRingsAndWakesUpToADoorbell(transport: String) throws {
    let guest = try Self.makeGuest(transport)
    let policy = PollingPolicy(eagerLooks: 10, patientLooks: 10)
    try Self.serving(guest, .polled(policy)) {
      try guest.start(Self.basic)
      for _ in 0..<5 {
        let before = guest.device.counters[.sleeps]
        try #expect(guest.run(0, sector: 0, Self.page) == 0)
        #expect(TestDriver.eventually { guest.device.counters[.sleeps] > before })
      }
    }
  }

  @Test func aDeviceWithoutAnIOThreadCanBeSetUpAndReset() throws {
    let guest = try Self.makeGuest("mmio")
    try guest.start(Self.basic)
    guest.access.status = 0
    #expect(guest.access.status == 0)
    try guest.start(Self.basic)
    let request = guest.add(0, sector: 0, Self.page)
    guest.kick()
    try Self.serving(guest) { try #expect(#require(guest.wait()).id == request.id) }
  }
}
