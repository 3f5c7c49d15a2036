import ProbeABI
import Testing

@testable import Kernels

@Suite struct NetTests {
  /// Runs one job over a wire.
  private func run(_ line: String, _ wire: FakeWire) -> TestMachine.Record {
    TestMachine().run(line, seed: 11, wire: wire)[0]
  }

  /// Runs one job whose wire is at fault every few frames: with a longer window, up to a second, whenever one held too
  /// few of them, as happens on a busy machine.
  private func runUntilAFault(
    _ line: String, warmup: Int = 100_000, features: UInt32 = 0, _ fault: FakeWire.Fault, _ way: FakeWire.Way,
    shows: (TestMachine.Record) -> Bool
  ) -> (record: TestMachine.Record, wire: FakeWire) {
    var window: UInt64 = 2_000_000
    while true {
      let (machine, wire) = (TestMachine(), FakeWire(features: features, fault: fault, way: way))
      let job = "job=1 seed=11 warmup=\(warmup) window=\(window) workload=\(line)"
      machine.run(text: Array("nearmetal-jobs 4 tsc_khz=\(TestMachine.tscKilohertz)\n\(job)\n".utf8), wire: wire)
      let record = machine.records.first { $0.header.type == NM_RECORD_RESULT.rawValue }!
      if shows(record) || window >= TestMachine.tscKilohertz * 1000 { return (record, wire) }
      window *= 11
    }
  }

  private static let workloads = [
    "net.transmit", "net.receive", "net.bulk", "net.bulk direction=1", "net.bidirectional", "net.pingpong",
    "net.rate rate=20000 window=25000000", "net.rate load=50 window=25000000",
  ]
  private static let large = UInt32(NM_NET_SEGMENTATION | NM_NET_LARGE_RECEIVE | NM_NET_CHECKSUM)

  @Test(arguments: workloads, ["", "size=60", "size=512 credit=7", "size=1514 wait=1"])
  func aGoodWirePassesAndLosesNothing(workload: String, parameters: String) {
    let record = run(workload + " " + parameters, FakeWire())
    #expect(record.reason == "")
    #expect(record.result.status == NM_STATUS_OK.rawValue)
    #expect(record.result.operations > 0)
    #expect(record.result.values.0 == 0)
    #expect(record.result.values.1 == 0)
    #expect(record.result.values.2 == 0)
    if !workload.contains("load"), workload.contains("ping") || workload.contains("rate") {
      #expect(decodeCounts(record.histogram).reduce(0, +) == record.result.operations + record.result.values.3)
    }
  }

  @Test(arguments: ["net.bulk", "net.bulk direction=1"], [FakeWire.Fault.none, .cuts])
  func bulkFramesAreLargeWhereTheDeviceSegmentsAndMayArriveCut(workload: String, fault: FakeWire.Fault) {
    let wire = FakeWire(features: Self.large, fault: fault)
    let record = run(workload, wire)
    #expect(record.reason == "")
    #expect(record.result.values.0 == 0)
    #expect(record.result.bytes == record.result.operations * 1460)
    if workload == "net.bulk" { #expect(wire.longest == 54 + 44 * 1460) }
  }

  @Test(
    arguments: ["net.transmit", "net.bidirectional", "net.pingpong", "net.rate rate=20000"],
    [FakeWire.Fault.loses(7), .duplicates(5), .swaps(6)])
  func whatTheWireDoesToFramesOnTheirWayOutIsCounted(workload: String, fault: FakeWire.Fault) {
    check(workload, fault, .out)
  }

  @Test(
    arguments: ["net.receive", "net.bidirectional", "net.pingpong", "net.rate rate=20000"],
    [FakeWire.Fault.loses(7), .duplicates(5), .swaps(6)])
  func whatTheWireDoesToFramesOnTheirWayBackIsCounted(workload: String, fault: FakeWire.Fault) {
    check(workload, fault, .back)
  }

  private func check(_ workload: String, _ fault: FakeWire.Fault, _ way: FakeWire.Way) {
    // One ping at a time has no other to be swapped with.
    if workload == "net.pingpong", case .swaps = fault { return }
    let (record, _) = runUntilAFault(workload, fault, way) {
      let values = $0.result.values
      return values.0 + values.1 + values.2 > 0
    }
    #expect(record.reason == "")
    let (lost, duplicated, reordered, _) = record.result.values
    switch fault {
    case .loses: #expect(lost > 0 && duplicated == 0)
    case .duplicates: #expect(duplicated > 0 && lost == 0 && reordered == 0)
    default: #expect(reordered > 0 && duplicated == 0)
    }
  }

  @Test(arguments: ["net.transmit", "net.bidirectional", "net.pingpong"], [14, 30, 40, 50, 63])
  func aWrongByteOnTheWayOutFailsWhereverItIs(workload: String, byte: Int) {
    let (record, _) = runUntilAFault(workload, .corrupts(9, byte: byte), .out) {
      $0.reason != ""
    }
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasPrefix("frames with wrong bytes: 0 received, "))
  }

  @Test(arguments: ["net.receive", "net.bidirectional", "net.pingpong"], [14, 30, 40, 50, 63])
  func aWrongByteOnTheWayBackFailsWhereverItIs(workload: String, byte: Int) {
    let (record, _) = runUntilAFault(workload, .corrupts(9, byte: byte), .back) {
      $0.reason != ""
    }
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasSuffix(" received, 0 at the far end"))
  }

  @Test(arguments: [54, 90, 54 + 1460, 54 + 43 * 1460 + 5, 54 + 44 * 1460 - 1])
  func aWrongByteAnywhereInALargeFrameFails(byte: Int) {
    let (record, _) = runUntilAFault("net.bulk", features: Self.large, .corrupts(3, byte: byte), .out) {
      $0.reason != ""
    }
    #expect(record.reason.hasPrefix("frames with wrong bytes: 0 received, "))
  }

  @Test func theCountsAreExact() {
    // The warm-up has no frames, and its stream none of data: all faults are the window's.
    for (fault, value) in [(FakeWire.Fault.loses(10), 0), (.duplicates(10), 1), (.swaps(10), 2)]
      as [(FakeWire.Fault, Int)]
    {
      let (record, wire) = runUntilAFault("net.transmit size=60", warmup: 0, fault, .out) {
        let values = $0.result.values
        return values.0 + values.1 + values.2 > 0
      }
      let values = [record.result.values.0, record.result.values.1, record.result.values.2]
      #expect(record.reason == "")
      // The stream's last frame may be swapped with the question after it, which changes the order of no data.
      let most = UInt64(wire.faults)
      #expect(values[value] == most || value == 2 && values[value] + 1 == most)
      #expect(wire.faults > 0)
    }
  }

  @Test(arguments: workloads)
  func aSilentWireFailsByItsDeadline(workload: String) {
    for limit in [0, 3, 12] {
      let record = run(workload + " deadline=20", FakeWire(fault: .silentAfter(limit)))
      #expect(record.result.status == NM_STATUS_FAILED.rawValue)
      #expect(record.reason == "no answer from the far end within 20 ms")
    }
  }

  @Test(arguments: workloads, [FakeWire.Way.out, .back])
  func lostControlFramesAreAskedForAgain(workload: String, way: FakeWire.Way) {
    let record = run(workload, FakeWire(fault: .losesControl(2), way: way))
    #expect(record.reason == "")
    #expect(record.result.operations > 0)
  }

  @Test func whatAFarEndWithoutTimeHasNotTakenYetIsNotLost() {
    // One question inside the window is answered, and then none before all attempts are over.
    let machine = TestMachine()
    machine.run(
      text: Array(
        "nearmetal-jobs 4 tsc_khz=2500000\njob=1 seed=3 warmup=0 window=100000000 workload=net.transmit size=60\n".utf8),
      wire: FakeWire(fault: .starves(8)))
    #expect(machine.records[0].reason == "")
    #expect(machine.records[0].result.values.0 == 0)
    #expect(machine.records[0].result.operations > 0)
  }

  @Test(arguments: workloads)
  func framesOfOthersAreNoConcern(workload: String) {
    #expect(run(workload, FakeWire(fault: .foreign)).reason == "")
  }

  @Test func whatADeviceMayNotDoIsFound() {
    let (stray, _) = runUntilAFault("net.transmit", .strayTags, .out) {
      $0.reason.hasSuffix("which was not on its way")
    }
    #expect(stray.reason.hasSuffix("which was not on its way"))
    #expect(run("net.receive", FakeWire(fault: .tooMany)).reason.hasSuffix("more than it was given room for"))
    #expect(run("net.transmit", FakeWire(fault: .refusal(-5))).reason == "the device refused a frame: errno 5")
  }

  @Test func framesThatADeviceKeepsBlockLaterJobsButNotTheirMemory() {
    let results = TestMachine().run(
      "net.transmit deadline=20", "net.transmit", "memory.copy size=65536", wire: FakeWire(fault: .slowTags(10_000)))
    #expect(results[0].result.status == NM_STATUS_FAILED.rawValue)
    #expect(results[1].reason == "the device still holds frames of job 1")
    #expect(results[2].result.status == NM_STATUS_OK.rawValue)
  }

  @Test func waitingIsPassedOn() {
    let (polled, waiting) = (FakeWire(), FakeWire())
    _ = run("net.pingpong", polled)
    _ = run("net.pingpong wait=1", waiting)
    #expect(polled.waits == 0)
    #expect(waiting.waits > 0)
  }

  @Test func whatTheDeviceCannotDoIsSkippedAndWhatMakesNoSenseFails() {
    #expect(TestMachine().run("net.transmit")[0].reason == "this machine has no network device")
    #expect(run("net.transmit", FakeWire(depth: 4)).result.status == NM_STATUS_SKIPPED.rawValue)
    for line in [
      "net.transmit size=59", "net.transmit size=1515", "net.transmit credit=0", "net.transmit credit=513", "net.rate",
      "net.rate rate=5 load=5", "net.rate load=1001", "net.rate rate=100000001", "net.transmit deadline=0",
    ] {
      #expect(run(line, FakeWire()).result.status == NM_STATUS_FAILED.rawValue)
    }
  }

  @Test func aTrackerTellsLossFromOrder() {
    var tracker = NetTracker()
    for number in [0, 1, 4, 3, 3, 2, 5, 2000, 5, 1999] as [UInt64] {
      let isPossible = tracker.note(number)
      #expect(isPossible)
    }
    #expect(tracker.next == 2001)
    #expect(tracker.reordered == 3)
    #expect(tracker.duplicated == 2)
    #expect(tracker.lost == 2001 - 8)
    let isPossible = tracker.note(2001, limit: 2001)
    #expect(!isPossible)
  }

  /// Bytes behind a frame's room that must stay as they are.
  private static let margin = 2048

  @Test func aFarEndTakesAnyBytesAndWritesNothingBehindAFramesRoom() {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: NetFarEnd.memorySize, alignment: 64)
    defer { unsafe memory.deallocate() }
    var farEnd = unsafe NetFarEnd(memory: memory)
    var out = [UInt8](repeating: 0xa5, count: NetFarEnd.largestFrame + Self.margin)
    var random = SplitMix(seed: 3)
    var frames = 0
    for round in 0..<3000 {
      takeAnything(&farEnd, isNumberLarge: round % 2 == 0, &random)
      for _ in 0..<4 where farEnd.pending > 0 {
        let pending = farEnd.pending
        #expect(pending <= NetFarEnd.largestFrame)
        let length: Int? = unsafe out.withUnsafeMutableBytes { out in
          let short = unsafe farEnd.produce(into: UnsafeMutableRawBufferPointer(rebasing: out[..<(pending - 1)]))
          #expect(unsafe short == nil && out[..<Self.margin].allSatisfy { $0 == 0xa5 })
          let made = unsafe farEnd.produce(into: UnsafeMutableRawBufferPointer(rebasing: out[..<pending]))
          return unsafe made.map { unsafe Int($0.length) }
        }
        #expect(length == pending)
        #expect(out[pending..<pending + Self.margin].allSatisfy { $0 == 0xa5 })
        _ = unsafe out.withUnsafeMutableBytes { unsafe $0.initializeMemory(as: UInt8.self, repeating: 0xa5) }
        frames += 1
      }
    }
    #expect(frames > 1000)
  }

  /// Gives a far end a well-formed record of any kind, stream, number and word, and a control body of any content.
  private func takeAnything(_ farEnd: inout NetFarEnd, isNumberLarge: Bool, _ random: inout SplitMix) {
    var frame = [UInt8](repeating: 0, count: NetFrame.control)
    unsafe frame.withUnsafeMutableBytes { bytes in
      let base = bytes.baseAddress!
      unsafe NetFrame.writeHeader(base, to: NetFrame.farAddress, from: random.next())
      let record = unsafe base + NetFrame.ethernetHeader
      for (word, limit) in ([6, 1600, 46, 8, 1600, 1600, 1600, 1600] as [UInt64]).enumerated() {
        let value = random.next(below: 16) == 0 ? random.next() : random.next(below: limit)
        unsafe record.storeBytes(of: value, toByteOffset: NetRecord.header + 8 * word, as: UInt64.self)
      }
      let kind = NetRecord.Kind(rawValue: UInt8(1 + random.next(below: 9)))!
      let number = isNumberLarge ? random.next() : random.next(below: 64)
      unsafe NetRecord(kind: kind, stream: UInt32(random.next(below: 3)), number: number, word: random.next())
        .write(record, NetSum(record + NetRecord.header, count: 8 * NetReport.words))
      unsafe farEnd.take(base, count: bytes.count)
    }
  }

  private static let starts: [(words: [UInt64], isPossible: Bool)] = [
    ([1, 60, 1, 1], true), ([4, 60, 1, 1], true), ([4, 1514, 1, 1], true), ([2, 60, 44, 7], true),
    ([3, 64, 2, 1], true),
    // A reflector and a sink send no large frames, whatever the frames of data would be.
    ([4, 60, 2, 1], false), ([1, 60, 2, 1], false),
    ([0, 60, 1, 1], false), ([5, 60, 1, 1], false), ([4, 59, 1, 1], false), ([4, 1515, 1, 1], false),
    ([2, 60, 0, 1], false), ([2, 60, 45, 1], false), ([2, 60, 1, 0], false), ([.max, .max, .max, .max], false),
  ]

  @Test(arguments: starts)
  func aStreamBeginsOnlyWithARequestThatCanBe(words: [UInt64], isPossible: Bool) {
    let body = words + [0, 0, 0, 0]
    unsafe body.withUnsafeBytes { body in
      let start = unsafe NetStart(body.baseAddress!)
      #expect((start != nil) == isPossible)
      guard let start else { return }
      var written = [UInt64](repeating: .max, count: 8)
      unsafe written.withUnsafeMutableBytes { unsafe start.write($0.baseAddress!) }
      #expect(written[0] == words[0] && written[3] == words[3])
    }
  }
}
