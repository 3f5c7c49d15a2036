import ProbeABI
import Testing

@testable import Kernels

@Suite struct TurnTests {
  private static let workloads = [
    "cpu.integer", "cpu.sha256", "memory.copy size=1048576", "memory.latency size=65536",
    "block.randread", "block.write qd=4", "block.mixed qd=4", "block.flush", "block.rate rate=20000", "net.transmit",
    "net.receive", "net.bidirectional", "net.pingpong", "net.rate rate=20000",
  ]

  private func run(_ line: String, _ grants: [UInt32]) -> TestMachine.Record? {
    let machine = TestMachine()
    machine.grants = grants
    let disk = line.hasPrefix("block") ? FakeDisk() : nil
    let wire = line.hasPrefix("net") ? FakeWire() : nil
    return machine.run(
      "\(line) window=1000000 rewarm=100000\(disk == nil ? "" : " diskseed=99")", disk: disk, wire: wire
    ).first
  }

  @Test(arguments: workloads)
  func aLegMeasuresOneWindowATurnAndItsFiguresAreTheirSums(line: String) throws {
    let record = try #require(run("\(line) turns=5", [NM_TURN_GO]))
    #expect(record.result.status == NM_STATUS_OK.rawValue, "\(record.reason)")
    let turns = record.turns
    #expect(turns.count == 5)
    #expect(turns.reduce(0) { $0 + $1.operations } == record.result.operations)
    #expect(turns.reduce(0) { $0 + $1.ticks } == record.result.ticks)
    #expect(turns.reduce(0) { $0 + $1.bytes } == record.result.bytes)
    #expect(turns.allSatisfy { $0.operations > 0 && $0.ticks > 0 })
    #expect(zip(turns, turns.dropFirst()).allSatisfy { $0.opened_tsc + $0.ticks <= $1.opened_tsc })
    if record.result.histogram_unit > 0 { #expect(turns.allSatisfy { $0.median > 0 }) }
  }

  @Test(arguments: workloads)
  func aLegThatIsGivenFewerTurnsAnswersWithThoseItHad(line: String) throws {
    let record = try #require(run("\(line) turns=9", [NM_TURN_GO, NM_TURN_GO, NM_TURN_GO, NM_TURN_END]))
    #expect(record.result.status == NM_STATUS_OK.rawValue, "\(record.reason)")
    #expect(record.turns.count == 2)
  }

  @Test func aTurnOfFirstTouchesHasAHugePageOfThem() throws {
    let record = try #require(run("memory.touch pages=1300 turns=9", [NM_TURN_GO]))
    #expect(record.result.status == NM_STATUS_OK.rawValue, "\(record.reason)")
    #expect(record.turns.map(\.operations) == [512, 512, 276])
  }

  @Test func theChecksumOfTurnsIsThatOfAllTheirRequests() throws {
    let record = try #require(run("block.mixed qd=4 turns=5", [NM_TURN_GO]))
    let expected = KernelWorkload.blockMixed.referenceChecksum(
      result: record.result, job: 1, seed: 7, parameters: ["qd": 4, "diskseed": 99], capacity: FakeDisk().capacity)
    #expect(record.result.checksum == expected)
  }

  @Test(arguments: [
    ([NM_TURN_END], "the leg was given no turn"),
    ([NM_TURN_GO, NM_TURN_END], "the leg was given no turn to measure in"),
  ])
  func aLegWithoutATurnFails(grants: [UInt32], reason: String) throws {
    let record = try #require(run("cpu.integer turns=5", grants))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue && record.reason == reason)
  }

  @Test func aMachineWithoutTurnsSaysSo() throws {
    let record = try #require(TestMachine().run("cpu.integer turns=5").first)
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason == "legs take no turns on this machine")
  }

  @Test func moreTurnsThanThereIsRoomForAreRefused() throws {
    let record = try #require(run("cpu.integer turns=1025", [NM_TURN_GO]))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue && record.reason == "expected turns= from 1 to 1024")
  }

  @Test func aHistogramMovesWithItsMedian() {
    let size = Int(Histogram.size)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 2 * size, alignment: 8)
    defer { unsafe memory.deallocate() }
    var one = unsafe Histogram(counts: memory.assumingMemoryBound(to: UInt64.self))
    var all = unsafe Histogram(counts: (memory + size).assumingMemoryBound(to: UInt64.self))
    for value: UInt64 in [10, 5000, 5000, 1 << 30, 7] { one.record(value) }
    #expect(one.move(to: &all, samples: 5) == 5000)
    #expect(one.move(to: &all, samples: 0) == 0)
    #expect((0..<Histogram.places).allSatisfy { one.count(at: $0) == 0 })
    #expect(all.count(at: Histogram.index(of: 5000)) == 2 && all.count(at: Histogram.index(of: 1 << 30)) == 1)
  }

  @Test(arguments: [0, 1, 2047, 2048, 4095, 4096, 1 << 20, (1 << 39) + (1 << 30)])
  func theLeastValueOfAPlaceIsCountedThere(value: UInt64) {
    let index = Histogram.index(of: value)
    #expect(Histogram.index(of: Histogram.least(at: index)) == index && Histogram.least(at: index) <= value)
  }
}
