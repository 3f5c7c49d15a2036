import Devices
import Frames
import Glibc
import GuestMemory
import Testing

@Suite struct VirtioNetTests {
  struct Variant: Sendable, CustomStringConvertible {
    var transport = "mmio"
    var packed = false
    var eventIndex = true
    var mode = ServiceMode.notified
    var description: String {
      "\(transport), \(packed ? "packed" : "split")\(eventIndex ? ", event indices" : "")"
        + (mode == .notified ? "" : ", polled")
    }
    var ring: VirtioFeatures {
      (packed ? [.packedRing] : [] as VirtioFeatures).union(eventIndex ? [.eventIndex] : [])
    }
  }

  static let variants = [
    Variant(), Variant(packed: true), Variant(eventIndex: false), Variant(packed: true, eventIndex: false),
    Variant(transport: "pci"), Variant(transport: "pci", packed: true), Variant(mode: .polled()),
    Variant(packed: true, mode: .polled()),
  ]
  static let basic: VirtioFeatures = [.version1, .netAddress, .netControl, .netControlReceive, .netControlAddress]
  static let offloads: VirtioFeatures = [.netChecksum, .netHostTCP4, .netGuestChecksum, .netGuestTCP4]

  /// A driver at work on a device at work, with three queues.
  struct Bench {
    let guest: NetGuest
    let wire: TestWire
    let service: TestService

    init(
      _ variant: Variant = Variant(), _ features: VirtioFeatures = basic,
      options: NetOptions = NetOptions(queueSize: 32)
    ) throws {
      wire = try TestWire()
      guest = try NetGuest(variant.transport, wire, options: options)
      service = try TestService(guest.device, mode: variant.mode)
      try guest.start(
        features.union(variant.ring), queues: UInt32(2 * options.pairs + 1), size: options.queueSize)
    }
  }

  @Test(arguments: variants)
  func whatADriverSendsArrivesOnTheWireByteForByteInOnePieceOrInMany(_ variant: Variant) throws {
    let bench = try Bench(variant, Self.basic.union(.indirectDescriptors))
    defer { bench.service.end() }
    for (index, shape) in [(14, 1), (60, 1), (1514, 1), (1514, 20), (999, 3)].enumerated() {
      let frame = NetGuest.frame(shape.0, seed: UInt8(index))
      try bench.guest.send(frame, pieces: shape.1, indirect: index & 1 == 1)
      #expect(bench.wire.sent.last?.bytes == frame)
      #expect(bench.wire.sent.last?.header == FrameHeader())
    }
    #expect(bench.guest.device.counters[.framesSent] == 5)
  }

  @Test(arguments: variants)
  func whatTheWireBringsStandsInTheDriversBuffersBehindItsHeader(_ variant: Variant) throws {
    let bench = try Bench(variant)
    defer { bench.service.end() }
    for index in 0..<20 {
      let frame = NetGuest.frame(60 + index * 70, seed: UInt8(index))
      bench.guest.addBuffer(index % 3 == 0 ? [12, 1526] : [1526], at: NetGuest.buffers)
      bench.guest.kick(NetGuest.receive)
      bench.wire.send(frame)
      let used = try #require(bench.guest.wait(NetGuest.receive))
      #expect(Int(used.written) == frame.count + 12)
      #expect(bench.guest.read(NetGuest.buffers, 12) == NetGuest.bytes(FrameHeader(), buffers: 1))
      #expect(bench.guest.read(NetGuest.buffers + 12, frame.count) == frame)
    }
  }

  @Test func aLongFrameFillsMergeableBuffersInTheirOrderAlsoThoseThatHoldNoHeaderInOnePiece() throws {
    for pieces in [[4096], [1000], [8, 100, 500], [26]] as [[UInt32]] {
      let bench = try Bench(Variant(), Self.basic.union(Self.offloads).union(.netMergeableBuffers))
      defer { bench.service.end() }
      let size = pieces.reduce(0, +)
      for index in 0..<UInt64(32 / pieces.count) {
        bench.guest.addBuffer(pieces, at: NetGuest.buffers + index * UInt64(size))
      }
      bench.guest.kick(NetGuest.receive)
      let count = min(30 * 1024, Int(size) * (32 / pieces.count) - 12)
      let frame = NetGuest.frame(count)
      var header = FrameHeader()
      header.flags = FrameHeader.needsChecksum
      header.segmentation = FrameHeader.tcp4
      (header.segmentSize, header.headerLength, header.checksumStart, header.checksumOffset) = (1460, 54, 34, 16)
      bench.wire.send(frame, header)
      let chains = (count + 12 + Int(size) - 1) / Int(size)
      var written = 0
      for _ in 0..<chains { written += Int(try #require(bench.guest.wait(NetGuest.receive)).written) }
      #expect(written == count + 12)
      #expect(bench.guest.read(NetGuest.buffers, 12) == NetGuest.bytes(header, buffers: UInt16(chains)))
      #expect(bench.guest.read(NetGuest.buffers + 12, count) == frame)
    }
  }

  @Test func aFrameLongerThanAllBuffersIsLostAndCountedAndTheNextOneArrives() throws {
    let bench = try Bench()
    defer { bench.service.end() }
    bench.guest.addBuffer([100], at: NetGuest.buffers)
    bench.guest.kick(NetGuest.receive)
    bench.wire.send(NetGuest.frame(1000))
    bench.wire.send(NetGuest.frame(80))
    #expect(try #require(bench.guest.wait(NetGuest.receive)).written == 92)
    #expect(bench.guest.device.counters[.overruns] == 1)
  }

  @Test(arguments: [Variant(), Variant(packed: true), Variant(mode: .polled())])
  func aLongFrameWaitsForTheMergeableBuffersThatItStillNeedsAndArrivesWhole(_ variant: Variant) throws {
    // In place, and by way of the bounce buffer, as the first piece is too short for the start of a frame.
    for pieces in [[1000], [12, 988]] as [[UInt32]] {
      let bench = try Bench(variant, Self.basic.union(.netMergeableBuffers))
      defer { bench.service.end() }
      let frame = NetGuest.frame(1400, seed: 9)
      bench.guest.addBuffer(pieces, at: NetGuest.buffers)
      bench.guest.kick(NetGuest.receive)
      bench.wire.send(frame)
      bench.wire.send(NetGuest.frame(80))
      #expect(NetGuest.eventually { bench.guest.device.counters[.shortages] == 1 })
      bench.guest.addBuffer(pieces, at: NetGuest.buffers + 1000)
      bench.guest.addBuffer(pieces, at: NetGuest.buffers + 2000)
      bench.guest.kick(NetGuest.receive)
      #expect(try #require(bench.guest.wait(NetGuest.receive)).written == 1000)
      #expect(try #require(bench.guest.wait(NetGuest.receive)).written == 412)
      #expect(bench.guest.read(NetGuest.buffers, 12) == NetGuest.bytes(FrameHeader(), buffers: 2))
      #expect(bench.guest.read(NetGuest.buffers + 12, 1400) == frame)
      #expect(try #require(bench.guest.wait(NetGuest.receive)).written == 92)
      #expect(bench.guest.device.counters[.overruns] == 0)
    }
  }

  @Test func aFrameThatTheWholeRingHasNoRoomForIsLostAndCountedAndTheNextOneArrives() throws {
    let bench = try Bench(Variant(), Self.basic.union(.netMergeableBuffers))
    defer { bench.service.end() }
    for index in 0..<UInt64(32) { bench.guest.addBuffer([30], at: NetGuest.buffers + index * 30) }
    bench.guest.kick(NetGuest.receive)
    bench.wire.send(NetGuest.frame(1000))
    bench.wire.send(NetGuest.frame(14))
    #expect(try #require(bench.guest.wait(NetGuest.receive)).written == 26)
    #expect(bench.guest.device.counters[.overruns] == 1)
  }

  @Test func offloadsReachTheWireAsTheDriverAskedAndOnlyWhatItNegotiated() throws {
    let bench = try Bench(
      Variant(), Self.basic.union(Self.offloads).union(.indirectDescriptors), options: NetOptions(queueSize: 128))
    defer { bench.service.end() }
    #expect(NetGuest.eventually { bench.wire.accepted == [.checksum, .tcp4] })
    var header = FrameHeader()
    header.flags = FrameHeader.needsChecksum
    header.segmentation = FrameHeader.tcp4
    (header.segmentSize, header.headerLength, header.checksumStart, header.checksumOffset) = (1460, 54, 34, 16)
    let frame = NetGuest.frame(65_000)
    try bench.guest.send(frame, header, pieces: 17, indirect: true)
    #expect(bench.wire.sent.last?.bytes == frame && bench.wire.sent.last?.header == header)
    // More pieces than a link takes are gathered.
    try bench.guest.send(frame, header, pieces: 100, indirect: true)
    #expect(bench.wire.sent.last?.bytes == frame && bench.wire.sent.last?.pieces == 1)
  }

  @Test func aFrameThatFindsNoRoomOnTheWireWaitsForItAndThoseBehindItDo() throws {
    for variant in [Variant(), Variant(mode: .polled())] {
      let bench = try Bench(variant)
      defer { bench.service.end() }
      bench.wire.makeRoom(2)
      for index in 0..<5 { bench.guest.addFrame(NetGuest.frame(64, seed: UInt8(index))) }
      bench.guest.kick(NetGuest.transmit)
      for _ in 0..<2 { _ = try #require(bench.guest.wait(NetGuest.transmit)) }
      #expect(NetGuest.eventually { bench.guest.device.counters[.stalls] > 0 })
      #expect(bench.wire.sent.count == 2)
      bench.wire.makeRoom(10)
      for _ in 0..<3 { _ = try #require(bench.guest.wait(NetGuest.transmit)) }
      #expect(bench.wire.sent.count == 5)
    }
  }

  @Test func aFrameThatTheWireRefusesIsLostCountedAndNamed() throws {
    let bench = try Bench()
    defer { bench.service.end() }
    bench.wire.refusal = ENETDOWN
    try bench.guest.send(NetGuest.frame(64))
    #expect(bench.guest.device.counters[.refused] == 1)
    #expect(bench.guest.device.firstError?.contains("the wire does not take a frame") == true)
  }

  @Test func theConfigurationHasAddressLinkStatePairsAndMTUAndTakesNoWrites() throws {
    let guest = try NetGuest("mmio", try TestWire(mtu: 1400), options: NetOptions(pairs: 3))
    let access = guest.access
    #expect((0..<6).map { UInt8(access.configuration($0, .byte)) } == NetOptions().address.bytes)
    #expect(access.configuration(6, .word) == 1)
    #expect(access.configuration(8, .word) == 3)
    #expect(access.configuration(10, .word) == 1400)
    #expect(access.configuration(12, .long) == 0)
    #expect(access.configuration(5, .long) == UInt64(NetOptions().address.bytes[5]) | 0x0300_0100)
  }

  @Test(arguments: ["mmio", "pci"])
  func featuresThatNeedOthersAreNotTakenWithoutThem(_ transport: String) throws {
    let guest = try NetGuest(transport, try TestWire(), options: NetOptions(pairs: 2))
    let wrong: [VirtioFeatures] = [.netHostTCP4, .netGuestTCP4, .netControlReceive, .netMultipleQueues]
    for feature in wrong { #expect(!guest.negotiate([.version1, feature])) }
    #expect(guest.negotiate([.version1, .netHostTCP4, .netChecksum, .netControl, .netMultipleQueues]))
    #expect(!(try NetGuest(transport, try TestWire([]))).negotiate([.version1, .netChecksum]))
  }

  @Test func aRingThatADriverBrokeNeedsAResetSaysWhyAndWorksAfterwards() throws {
    let bench = try Bench()
    defer { bench.service.end() }
    let broken: [(String, (NetGuest) -> Void)] = [
      ("lacks its header", { _ = $0.rings[1].add([TestBuffer(address: NetGuest.headers, count: 11)]) }),
      ("is not RAM", { _ = $0.rings[1].add([TestBuffer(address: 1 << 40, count: 60)]) }),
      ("no byte to write", { _ = $0.rings[0].add([TestBuffer(address: NetGuest.headers, count: 60)]) }),
      ("status byte", { _ = $0.rings[2].add([TestBuffer(address: NetGuest.headers, count: 3)]) }),
    ]
    for (index, (reason, breakRing)) in broken.enumerated() {
      breakRing(bench.guest)
      for queue in 0..<3 { bench.guest.kick(queue) }
      try #require(NetGuest.eventually { bench.guest.device.failure != nil })
      #expect(bench.guest.device.failure?.contains(reason) == true, "\(bench.guest.device.failure ?? "")")
      #expect(bench.guest.status.contains(.needsReset))
      bench.guest.access.status = 0
      try bench.guest.start(Self.basic, queues: 3, size: 32)
      try bench.guest.send(NetGuest.frame(60, seed: UInt8(index)))
    }
    #expect(bench.wire.sent.count == broken.count)
  }

  @Test func aWireThatFailsIsCountedAndNamedAndTheInterfaceGoesOn() throws {
    let bench = try Bench()
    defer { bench.service.end() }
    bench.guest.addBuffer([1526], at: NetGuest.buffers)
    bench.wire.failure = EIO
    bench.guest.kick(NetGuest.receive)
    try bench.guest.send(NetGuest.frame(60))
    #expect(NetGuest.eventually { bench.guest.device.counters[.wireErrors] > 0 })
    #expect(bench.guest.device.firstError?.contains("the wire failed") == true)
    bench.wire.failure = 0
    bench.wire.send(NetGuest.frame(60))
    #expect(try #require(bench.guest.wait(NetGuest.receive)).written == 72)
  }
}
