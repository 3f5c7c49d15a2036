import ProbeABI
import Testing

@testable import Kernels

/// Block jobs that several workers share.
@Suite struct SharedBlockTests {
  /// Runs one job on a disk for each worker, with as many workers.
  private func run(
    _ line: String, _ disks: [FakeDisk], absent: Set<UInt32> = [], machine: TestMachine = TestMachine()
  ) -> TestMachine.Record {
    let workers = TestWorkers(disks.count - 1, absent: absent)
    return machine.run(["\(line) diskseed=99"], seed: 11, disks: disks, workers: workers)[0]
  }

  private func disks(_ count: Int, fault: FakeDisk.Fault = .none, of worker: Int = 1) -> [FakeDisk] {
    (0..<count).map { FakeDisk(fault: $0 == worker ? fault : .none) }
  }

  @Test(
    arguments: ["block.read", "block.write", "block.randread", "block.randwrite", "block.mixed"],
    ["vcpus=2 queues=2", "vcpus=3 queues=4 qd=4 bs=16384", "vcpus=2 queues=2 qd=8 wait=1"])
  func theSharesAddUpAndTheHostRecomputesTheChecksum(workload: String, parameters: String) throws {
    let disks = disks(parameters.hasPrefix("vcpus=3") ? 3 : 2)
    let record = run("\(workload) \(parameters)", disks)
    #expect(record.result.status == NM_STATUS_OK.rawValue, "\(record.reason)")
    #expect(record.shares.count == disks.count && record.shares.allSatisfy { $0 > 0 })
    #expect(record.shares.reduce(0, +) == record.result.operations)
    #expect(decodeCounts(record.histogram).reduce(0, +) == record.result.operations)
    let size: UInt64 = parameters.contains("16384") ? 16384 : 4096
    #expect(record.result.bytes == record.result.operations * size)
    func reference(_ shares: [UInt64]) -> UInt64? {
      KernelWorkload(named: workload)?.referenceChecksum(
        result: record.result, job: 1, seed: 11,
        parameters: ["bs": size, "diskseed": 99, "vcpus": UInt64(disks.count)], capacity: disks[0].capacity,
        shares: shares)
    }
    #expect(reference(record.shares) == record.result.checksum)
    // What a guest says of its shares has to add up, and to be of as many workers.
    #expect(reference(record.shares.map { $0 + 1 }) == nil)
    #expect(reference([record.result.operations]) == nil)
    #expect(reference(record.shares.dropLast() + [.max]) == nil)
  }

  @Test func everyWorkerHasRequestsInAllItsQueuesAndOtherOnesThanTheRest() {
    let disks = (0..<2).map { _ in FakeDisk(fault: .delayed(3)) }
    #expect(run("block.randread qd=4 queues=3 vcpus=2", disks).result.status == NM_STATUS_OK.rawValue)
    #expect(disks.map(\.deepest) == [8, 4])
    let plans = (0..<2).map { worker in
      BlockPlan(
        kind: .reads, isRandom: true, capacity: 1 << 30, blockSize: 4096, seed: BlockPlan.seed(5, worker: worker))
    }
    #expect((0..<100).allSatisfy { plans[0]?.step($0).offset != plans[1]?.step($0).offset })
  }

  @Test func onlyTheThreadThatRunsTheJobsMarksTheWindow() {
    let machine = TestMachine()
    #expect(run("block.randread vcpus=2 queues=2", disks(2), machine: machine).result.status == NM_STATUS_OK.rawValue)
    #expect(machine.markers == [NM_MARKER_OPEN | 1, NM_MARKER_CLOSE | 1])
  }

  @Test(arguments: [
    ("block.randread", FakeDisk.Fault.flippedByte(1234, after: 0), "vCPU 1: wrong data at offset "),
    ("block.randwrite", .lostWrites, "vCPU 1: wrong data read back at offset "),
    ("block.randread", .strayTags, "vCPU 1: a completion names tag "),
    ("block.randread", .status(-5, operation: NM_BLOCK_READ), "vCPU 1: read at offset "),
    ("block.randread", .silentAfter(0), "vCPU 1: no completion within 1000 ms"),
  ])
  func whatGoesWrongForOneWorkerFailsTheJobAndNamesIt(workload: String, fault: FakeDisk.Fault, reason: String) {
    let record = run("\(workload) vcpus=2 queues=2 deadline=1000", disks(2, fault: fault))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason.hasPrefix(reason), "\(record.reason)")
    #expect(record.shares.isEmpty)
  }

  @Test func theJobAfterOneWhoseRequestsAreLostIsRefused() {
    let disks = disks(2, fault: .silentAfter(0))
    let line = "block.randread vcpus=2 queues=2 deadline=20 diskseed=99"
    let records = TestMachine().run([line, line], disks: disks, workers: TestWorkers(1))
    #expect(records.map(\.reason).last == "the device still holds requests of job 1")
  }

  @Test func aWorkerThatDoesNotComeIsGivenUp() {
    let record = run("block.randread vcpus=3 queues=3 deadline=50", disks(3), absent: [1])
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason == "vCPU 1: it did not answer within 50 ms")
  }

  @Test(arguments: [
    ("vcpus=0", "expected vcpus= from 1 to 16 and queues= from as many to 64"),
    ("vcpus=17 queues=17", "expected vcpus= from 1 to 16 and queues= from as many to 64"),
    ("vcpus=2", "expected vcpus= from 1 to 16 and queues= from as many to 64"),
    ("queues=65", "expected vcpus= from 1 to 16 and queues= from as many to 64"),
    ("queues=18446744073709551615", "expected vcpus= from 1 to 16 and queues= from as many to 64"),
    ("queues=3 qd=512", "expected qd= of at most 1024 in all queues of a vCPU"),
    ("vcpus=3 queues=3", "the job is for 3 vCPUs with queues of their own, and the machine has 2"),
  ])
  func hostileNumbersAreRefused(parameters: String, reason: String) {
    let record = run("block.randread \(parameters)", disks(2))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue)
    #expect(record.reason == reason)
  }

  @Test(arguments: ["block.flush", "block.rate rate=1000"])
  func workThatCannotBeSharedSaysSo(workload: String) {
    let record = run("\(workload) queues=2", disks(2))
    #expect(record.result.status == NM_STATUS_FAILED.rawValue && record.reason == "expected queues=1 and vcpus=1")
  }

  @Test func sharedWorkTakesTurnsAndItsFiguresAreTheirSums() throws {
    let machine = TestMachine()
    machine.grants = [NM_TURN_GO]
    let record = run(
      "block.mixed vcpus=2 queues=4 qd=2 turns=5 window=1000000 rewarm=100000", disks(2), machine: machine)
    #expect(record.result.status == NM_STATUS_OK.rawValue, "\(record.reason)")
    #expect(record.turns.count == 5)
    #expect(record.turns.reduce(0) { $0 + $1.operations } == record.result.operations)
    #expect(record.shares.reduce(0, +) == record.result.operations)
    #expect(decodeCounts(record.histogram).reduce(0, +) == record.result.operations)
    let expected = KernelWorkload.blockMixed.referenceChecksum(
      result: record.result, job: 1, seed: 11, parameters: ["diskseed": 99, "vcpus": 2], capacity: FakeDisk().capacity,
      shares: record.shares)
    #expect(record.result.checksum == expected)
  }
}
