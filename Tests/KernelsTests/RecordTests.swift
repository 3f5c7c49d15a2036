import ProbeABI
import Testing

@testable import Kernels

@Suite struct RecordTests {
  @Test func theChecksumOfTheStandardsTestVector() {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    defer { unsafe table.deallocate() }
    let checksum = unsafe CRC32(table: table)
    let text = Array("123456789".utf8)
    #expect(unsafe checksum.checksum(text, count: 9) == 0xcbf4_3926)
    #expect(unsafe checksum.checksum(text, count: 0) == 0)
  }

  @Test func recordsCarryMagicVersionLengthAndARightChecksum() {
    let machine = TestMachine()
    machine.run("cpu.integer", "no.such")
    #expect(machine.records.map(\.header.type) == [2, 2, 4])
    #expect(machine.records.map(\.header.job) == [1, 2, 0])
    for record in machine.records {
      #expect(record.header.magic == NM_RECORD_MAGIC)
      #expect(record.header.version == NM_ABI_VERSION)
      #expect(Int(record.header.length) == record.payload.count)
      #expect(record.checksumIsRight)
    }
  }

  @Test func anUnknownWorkloadFailsByNameAndTheLoopGoesOn() {
    let results = TestMachine().run("no.such", "cpu.integer")
    #expect(results[0].result.status == NM_STATUS_FAILED.rawValue)
    #expect(results[0].reason == "unknown workload no.such")
    #expect(results[1].result.status == NM_STATUS_OK.rawValue)
  }

  @Test func anotherPartysWorkloadIsOfferedEveryUnknownNameAndMustAnswer() {
    let machine = TestMachine()
    let text = """
      nearmetal-jobs 4 tsc_khz=1
      job=5 workload=exits.cpuid seed=1 warmup=1 window=1
      job=6 workload=exits.none seed=1 warmup=1 window=1
      job=7 workload=exits.other seed=1 warmup=1 window=1
      """
    let failures = machine.run(text: Array(text.utf8)) { job, context in
      if job.workload.equals("exits.cpuid") { context.skip("not here") }
      return !job.workload.equals("exits.other")
    }
    #expect(failures == 2)
    #expect(machine.records.map(\.header.job) == [5, 6, 7, 0])
    #expect(machine.records[0].result.status == NM_STATUS_SKIPPED.rawValue)
    #expect(machine.records[0].reason == "not here")
    #expect(machine.records[1].reason == "the workload gave no result")
    #expect(machine.records[2].reason == "unknown workload exits.other")
  }

  @Test func markersBracketTheWindowWithTheJobsNumber() {
    let machine = TestMachine()
    let result = machine.run("cpu.float")[0].result
    #expect(machine.markers == [NM_MARKER_OPEN | 1, NM_MARKER_CLOSE | 1])
    #expect(result.closed_tsc - result.opened_tsc == result.ticks)
    #expect(result.ticks >= 2_000_000)
  }

  @Test func theArenaMayBeTooSmall() {
    let machine = TestMachine(mebibytes: 4)
    #expect(machine.run(text: Array("nearmetal-jobs 4 tsc_khz=1\n".utf8)) == -12)
  }
}
