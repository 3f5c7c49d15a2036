import Probe
import ProbeABI
import Synchronization
import Testing

@Suite struct RecordStreamTests {
  private func receive(_ bytes: [UInt8], pieces: Int = .max) -> RecordStream {
    let stream = RecordStream()
    var rest = bytes[...]
    while !rest.isEmpty {
      unsafe rest.prefix(pieces).withUnsafeBytes { unsafe stream.receive($0) }
      rest = rest.dropFirst(pieces)
    }
    return stream
  }

  @Test func theChecksumIsTheUsualOne() {
    #expect(RecordBytes.crc(Array("123456789".utf8)) == 0xcbf4_3926)
  }

  @Test(arguments: [1, 7, 24, 25, 1000, .max])
  func recordsArriveWholeHoweverTheyAreCut(pieces: Int) throws {
    let bytes =
      RecordBytes.hello(jobs: 2) + RecordBytes.result(job: 7, status: 1, reason: "why", histogram: [1, 2, 3])
      + RecordBytes.record(NM_RECORD_END, [])
    let stream = receive(bytes, pieces: pieces)
    let arrivals = stream.arrivals
    try #require(arrivals.count == 3)
    guard case .hello(let hello) = arrivals[0].record, case .result(let job, let result) = arrivals[1].record,
      case .end = arrivals[2].record
    else {
      Issue.record("other records")
      return
    }
    #expect((hello.entry_tsc, hello.ready_tsc, hello.jobs) == (1, 2, 2))
    #expect((job, result.reason, result.histogram) == (7, "why", [1, 2, 3]))
    #expect((result.figures.operations, result.figures.checksum, result.figures.values.3) == (10, 40, 4))
    #expect(stream.error == nil && stream.pendingCount == 0)
    #expect(arrivals[0].time <= arrivals[2].time)
  }

  @Test func theTurnsOfAResultComeWithIt() throws {
    let stream = receive(
      RecordBytes.result(job: 7, reason: "x", histogram: [9], turns: [1, 2, 3, 4, 5, 11, 12, 13, 14, 15]))
    guard case .result(_, let result)? = stream.arrivals.first?.record else {
      Issue.record("no result: \(String(describing: stream.error))")
      return
    }
    #expect(result.histogram == [9])
    #expect(result.turns.map(\.opened_tsc) == [1, 11] && result.turns.map(\.median) == [5, 15])
  }

  @Test(arguments: [1, 3, 1025, UInt32.max])
  func aResultWithoutItsTurnsIsDamaged(count: UInt32) {
    let stream = receive(RecordBytes.result(job: 7, turns: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], turnCount: count))
    #expect(stream.error?.problem == "a payload that does not fit its type")
  }

  @Test(arguments: [1, 7, .max])
  func aRequestForATurnIsNoRecordAndIsToldAtOnce(pieces: Int) {
    final class Count: Sendable { let value = Atomic<Int>(0) }
    let count = Count()
    let stream = RecordStream(turn: { count.value.add(1, ordering: .relaxed) })
    let request = [UInt8(NM_TURN_REQUEST)]
    var rest = (request + RecordBytes.hello(jobs: 1) + request + RecordBytes.record(NM_RECORD_END, []))[...]
    while !rest.isEmpty {
      unsafe rest.prefix(pieces).withUnsafeBytes { unsafe stream.receive($0) }
      rest = rest.dropFirst(pieces)
    }
    // Whoever asks waits for the answer: two questions in one piece are one.
    #expect(count.value.load(ordering: .relaxed) == (pieces == .max ? 1 : 2))
    #expect(stream.arrivals.count == 2 && stream.error == nil)
  }

  @Test func singleBytesAreAsGoodAsPieces() {
    let stream = RecordStream()
    for byte in RecordBytes.hello(jobs: 1) + RecordBytes.record(NM_RECORD_END, []) { stream.receive(byte) }
    #expect(stream.arrivals.count == 2 && stream.error == nil)
  }

  @Test func aCrashIsToldWithItsRegisters() {
    let stream = receive(
      RecordBytes.record(NM_RECORD_CRASH, RecordBytes.quads(13, 0, 0x20_1234, 1, 2, 3) + RecordBytes.words(0, 0)))
    guard case .crash(let crash)? = stream.arrivals.first?.record else {
      Issue.record("no crash")
      return
    }
    #expect((crash.vector, crash.rip, crash.cr2) == (13, 0x20_1234, 3))
  }

  private static let damage: [(offset: Int, value: UInt8, problem: String)] = [
    (0, 0, "no record begins here"), (4, 9, "interface version 9"), (6, 99, "wrong checksum"), (8, 1, "wrong checksum"),
    (15, 0xff, "a payload of 4278190112 bytes"), (14, 0x10, "a payload of 1048608 bytes"), (16, 0, "wrong checksum"),
    (20, 1, "wrong checksum"), (24, 7, "wrong checksum"),
  ]

  @Test(arguments: damage)
  func everyDamagedFieldIsFoundWithItsPlace(offset: Int, value: UInt8, problem: String) {
    let first = RecordBytes.hello(jobs: 1)
    var second = RecordBytes.hello(jobs: 2)
    second[offset] = value
    let stream = receive(first + second + first)
    #expect(stream.arrivals.count == 1)
    #expect(stream.error?.place == first.count)
    #expect(stream.error?.problem == problem)
  }

  @Test func nothingIsBelievedAfterTheFirstDamage() {
    let good = RecordBytes.hello(jobs: 1)
    let stream = receive([0] + [UInt8](repeating: 0, count: 23) + good)
    let pending = stream.pendingCount
    for _ in 0..<100 { unsafe good.withUnsafeBytes { unsafe stream.receive($0) } }
    #expect(stream.arrivals.isEmpty)
    #expect(stream.pendingCount == pending)
  }

  private static let misfits: [[UInt8]] = [
    RecordBytes.record(NM_RECORD_HELLO, [1, 2, 3]), RecordBytes.record(NM_RECORD_END, [1]),
    RecordBytes.record(NM_RECORD_CRASH, []), RecordBytes.record(nm_record_type(rawValue: 77), []),
    RecordBytes.record(NM_RECORD_RESULT, []), RecordBytes.result(job: 1, status: 3),
    RecordBytes.result(job: 1, reasonLength: .max), RecordBytes.result(job: 1, histogramLength: .max),
    RecordBytes.result(job: 1, reasonLength: .max, histogramLength: .max),
    RecordBytes.result(job: 1, reason: "x", reasonLength: 0),
  ]

  @Test(arguments: misfits)
  func aPayloadThatDoesNotFitItsTypeIsRefused(bytes: [UInt8]) {
    let stream = receive(bytes)
    #expect(stream.arrivals.isEmpty)
    #expect(stream.error?.problem == "a payload that does not fit its type")
  }

  @Test func aPartialRecordWaits() {
    let bytes = RecordBytes.hello(jobs: 1)
    for count in 0..<bytes.count {
      let stream = receive(Array(bytes[..<count]))
      #expect(stream.arrivals.isEmpty && stream.error == nil && stream.pendingCount == count)
    }
  }

  @Test func moreRecordsThanJobsAreRefused() {
    let stream = receive((0..<1000).flatMap { _ in RecordBytes.hello(jobs: 1) })
    #expect(stream.arrivals.count < 300)
    #expect(stream.error?.problem == "more records than jobs")
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func anyBytesEndInAnErrorOrWait(seed: UInt64) {
    var state = seed &+ 0x9e37_79b9_7f4a_7c15
    for _ in 0..<2000 {
      var bytes = RecordBytes.result(job: 1, reason: "reason", histogram: [1, 2, 3, 4])
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
      }
      let stream = receive(bytes)
      #expect(stream.arrivals.count <= 1 && stream.pendingCount <= bytes.count)
    }
  }
}
