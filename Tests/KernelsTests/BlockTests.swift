import ProbeABI
import Testing

@testable import Kernels

@Suite struct BlockTests {
  /// Runs one job against a disk.
  private func run(_ line: String, _ disk: FakeDisk, seed: UInt64 = 11) -> TestMachine.Record {
    TestMachine().run(line + " diskseed=99", seed: seed, disk: disk)[0]
  }

  private static let workloads = [
    "block.read", "block.write", "block.randread", "block.randwrite", "block.mixed", "block.flush",
    "block.rate rate=20000 window=50000000",
  ]

  @Test(arguments: workloads, ["", "bs=512 qd=4", "bs=16384 qd=8 wait=1"])
  func aGoodDiskPassesAndTheHostRecomputesTheChecksum(workload: String, parameters: String) throws {
    let disk = FakeDisk()
    let record = run(workload + " " + parameters, disk)
    #expect(record.reason == "")
    #expect(record.result.status == NM_STATUS_OK.rawValue)
    let size: UInt64 = parameters.contains("512") ? 512 : parameters.contains("16384") ? 16384 : 4096
    #expect(record.result.bytes == record.result.operations * size)
    let name = String(workload.split(separator: " ")[0])
    let reference = try #require(KernelWorkload(named: name)).referenceChecksum(
      result: record.result, job: 1, seed: 11, parameters: ["bs": size, "diskseed": 99], capacity: disk.capacity)
    #expect(record.result.checksum == reference)
    if name != "block.rate" {
      #expect(decodeCounts(record.histogram).reduce(0, +) == record.result.operations)
    }
  }

  @Test func aDelayIsInEveryRequest() {
    let result = run("block.randread qd=4 delay=20000", FakeDisk()).result
    #expect(result.status == NM_STATUS_OK.rawValue)
    #expect(result.operations > 0 && result.ticks >= result.operations * 20_000)
  }

  @Test func theQueueIsKeptAsDeepAsAskedAndNoDeeper() {
    let disk = FakeDisk(fault: .delayed(3))
    #expect(run("block.randread qd=32", disk).result.status == NM_STATUS_OK.rawValue)
    #expect(disk.deepest == 32)
  }

  @Test func waitingIsPassedOn() {
    let (polled, waiting) = (FakeDisk(), FakeDisk())
    _ = run("block.randread", polled)
    _ = run("block.randread wait=1", waiting)
    #expect(polled.waits == 0)
    #expect(waiting.waits > 0)
  }

  @Test func mixedRequestsAreSevenReadsToThreeWritesEachInItsHalf() throws {
    let capacity: UInt64 = 1_000_000 * 512 + 512
    let plan = try #require(
      BlockPlan(kind: .mixed, isRandom: true, capacity: capacity, blockSize: 4096, seed: 3))
    let steps = (0..<10_000).map { plan.step($0) }
    let writes = steps.filter(\.isWrite)
    #expect((2800...3150).contains(writes.count))
    #expect(writes.allSatisfy { $0.offset >= capacity / 2 && $0.offset + 4096 <= capacity })
    #expect(steps.filter { !$0.isWrite }.allSatisfy { $0.offset + 4096 <= capacity / 2 })
    #expect(Set(steps.map(\.sample)) == Set(0..<8))
    #expect(Set(steps.map(\.offset)).count > 9000)
  }

  @Test func sequentialRequestsFollowEachOtherAndStartOverAtTheEnd() throws {
    var starts: Set<UInt64> = []
    for seed in UInt64(0)..<50 {
      let plan = try #require(BlockPlan(kind: .writes, isRandom: false, capacity: 65536, blockSize: 8192, seed: seed))
      let offsets = (0..<5).map { plan.step($0).offset }
      starts.insert(offsets[0])
      #expect(offsets == (0..<5).map { 32768 + (offsets[0] - 32768 + $0 * 8192) % 32768 })
    }
    #expect(starts == [32768, 40960, 49152, 57344])
  }

  @Test(arguments: ["block.read", "block.randread", "block.mixed qd=4"])
  func aWrongByteInTheWarmUpIsFoundWhereverItIs(workload: String) {
    let record = run(workload, FakeDisk(fault: .flippedByte(1234, after: 0)))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasPrefix("wrong data at offset "))
    #expect(record.reason.contains("expected 0x"))
    #expect(record.reason.contains("found 0x"))
  }

  @Test(arguments: [FakeDisk.Fault.wrongPlace, .staleRead, .flippedByte(5, after: 0), .flippedByte(511, after: 40)])
  func wrongReadsAreFound(fault: FakeDisk.Fault) {
    let record = run("block.randread bs=512 window=500000000", FakeDisk(fault: fault))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasPrefix("wrong data at offset "))
  }

  @Test func theOffsetOfAWrongWordIsTheWordsOwn() {
    let record = run("block.read bs=4096", FakeDisk(fault: .flippedByte(1240, after: 0)))
    let offset = record.reason.split(separator: " ")[4].dropLast()
    #expect((UInt64(offset) ?? 0) % 4096 == 1240)
  }

  @Test(
    arguments: ["block.write", "block.randwrite qd=4", "block.mixed qd=2 window=20000000", "block.flush"],
    [FakeDisk.Fault.lostWrites, .tornSectors, .shiftedWrites])
  func writesThatDidNotArriveAreFoundByReadingBack(workload: String, fault: FakeDisk.Fault) {
    let record = run(workload, FakeDisk(fault: fault))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasPrefix("wrong data read back at offset "))
  }

  @Test func writesStayInTheSecondHalfAndReadsFindTheFirstAsItWas() {
    let (disk, machine) = (FakeDisk(), TestMachine())
    let results = machine.run(
      "block.randwrite bs=16384 qd=8 diskseed=99", "block.write diskseed=99", "block.mixed diskseed=99 qd=4",
      "block.read diskseed=99 bs=65536", "block.randread diskseed=99 bs=512", disk: disk)
    #expect(results.map(\.reason) == ["", "", "", "", ""])
  }

  @Test(arguments: workloads)
  func aSilentDeviceFailsByItsDeadline(workload: String) {
    let record = run(workload + " deadline=20", FakeDisk(fault: .silentAfter(0)))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason == "no completion within 20 ms")
  }

  @Test func aDeviceThatFallsSilentInTheWindowFailsToo() {
    let record = run("block.randread qd=4 deadline=20 window=100000000000", FakeDisk(fault: .silentAfter(500)))
    #expect(record.reason == "no completion within 20 ms")
  }

  @Test func aFailureAmongManyRequestsLeavesTheDeviceUsable() {
    // All four complete at once and the first is already wrong: the others must still be taken back.
    let results = TestMachine().run(
      "block.randread qd=4 diskseed=98", "block.randread qd=4 diskseed=99", disk: FakeDisk())
    #expect(results[0].reason.hasPrefix("wrong data at offset "))
    #expect(results[1].reason == "")
  }

  @Test func aLostRequestKeepsItsMemoryFromLaterJobs() {
    let results = TestMachine().run(
      "block.randread qd=4 deadline=20", "block.randread qd=4", "memory.copy size=65536",
      disk: FakeDisk(seed: 0, fault: .silentAfter(20)))
    #expect(results[0].reason == "no completion within 20 ms")
    #expect(results[1].reason == "the device still holds requests of job 1")
    #expect(results[2].result.status == NM_STATUS_OK.rawValue)
  }

  @Test func completionsOfNothingInFlightAreFound() {
    let record = run("block.randread qd=4 deadline=20", FakeDisk(fault: .strayTags))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasSuffix("which is not in flight"))
  }

  @Test func aCompletionThatComesTwiceIsFoundByItsTagOrByDataThatIsNotThere() {
    let record = run("block.randread qd=4", FakeDisk(fault: .repeatedCompletions))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasPrefix("wrong data at offset ") || record.reason.hasSuffix("which is not in flight"))
  }

  @Test func moreCompletionsThanThereIsRoomForAreFound() {
    let record = run("block.randread qd=4", FakeDisk(fault: .tooMany))
    #expect(record.reason == "the device stored 5 completions, more than it was given room for")
  }

  @Test(arguments: [FakeDisk.Fault.reordered, .delayed(1), .delayed(7)])
  func orderAndDelayAreNoFault(fault: FakeDisk.Fault) {
    for workload in ["block.randread qd=8", "block.mixed qd=8", "block.rate rate=20000 qd=8"] {
      #expect(run(workload, FakeDisk(fault: fault)).reason == "")
    }
  }

  @Test func errorsNameOperationOffsetAndNumber() {
    let read = run("block.randread", FakeDisk(fault: .status(-5, operation: NM_BLOCK_READ)))
    #expect(read.reason.hasPrefix("read at offset "))
    #expect(read.reason.hasSuffix(" failed: errno 5"))
    let write = run("block.mixed qd=4", FakeDisk(fault: .status(-28, operation: NM_BLOCK_WRITE)))
    #expect(write.reason.hasPrefix("write at offset "))
    #expect(write.reason.hasSuffix(" failed: errno 28"))
    let refused = run("block.write", FakeDisk(fault: .refusal(-16)))
    #expect(refused.reason.hasPrefix("the device refused a request at offset "))
  }

  @Test func aDeviceWithoutFlushIsSkippedAloud() {
    let record = run("block.flush", FakeDisk(fault: .status(-95, operation: NM_BLOCK_FLUSH)))
    #expect(record.result.status == NM_STATUS_SKIPPED.rawValue)
    #expect(record.reason == "the device does not know flush")
  }

  @Test func whatTheDeviceCannotDoIsSkippedAndWhatMakesNoSenseFails() {
    #expect(TestMachine().run("block.read")[0].reason == "this machine has no block device")
    #expect(run("block.read qd=65", FakeDisk()).result.status == NM_STATUS_SKIPPED.rawValue)
    #expect(run("block.read bs=2097152", FakeDisk(mebibytes: 8)).result.status == NM_STATUS_SKIPPED.rawValue)
    #expect(run("block.read bs=1048576", FakeDisk()).reason == "half of the disk has no room for one block")
    for parameters in ["bs=0", "bs=513", "qd=0", "qd=1025", "bs=18446744073709551615", "rate=10000001"] {
      #expect(run("block.read " + parameters, FakeDisk()).result.status == NM_STATUS_FAILED.rawValue)
    }
    #expect(run("block.rate", FakeDisk()).result.status == NM_STATUS_FAILED.rawValue)
  }

  @Test func anOpenLoopOwesEveryRequestOfItsWindow() {
    // 100000 a second over 10 ms of window are 1000 requests; those that could not be issued are missed, not forgotten.
    let slow = run("block.rate rate=100000 window=25000000", FakeDisk(fault: .delayed(20_000)))
    let counts = decodeCounts(slow.histogram).reduce(0, +)
    #expect(slow.result.values.2 > 0)
    #expect(slow.result.operations + slow.result.values.2 == counts)
    #expect(counts == 1000)
  }

  @Test func aScheduleIsExactOverAnyTime() {
    var schedule = BlockSchedule(rate: 7, tscKilohertz: 1)
    schedule.begin(at: 50)
    for _ in 0..<7000 { schedule.advance() }
    #expect(schedule.due == 50 + 1_000_000)
  }
}
