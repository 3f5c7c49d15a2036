import ProbeABI
import Testing

@testable import Kernels

/// Gives every batch the same checksum.
private struct Steady: BatchWorkload {
  mutating func run(_ operations: UInt64) -> UInt64 {
    var sum: UInt64 = 0
    for operation in 0..<operations { sum = fold(sum, nm_opaque(operation)) }
    return sum
  }
}

@Suite struct MeterTests {
  private let text = Array(
    "nearmetal-jobs 4 tsc_khz=2500000\njob=1 workload=x.y seed=1 warmup=2000000 window=4000000\n".utf8)

  @Test func aDelayIsInEveryOperation() {
    let machine = TestMachine()
    let text = Array(
      "nearmetal-jobs 4 tsc_khz=2500000\njob=1 workload=x.y seed=1 warmup=2000000 window=4000000 delay=5000\n".utf8)
    machine.run(text: text) { job, context in
      var workload = Steady()
      _ = Meter.measure(&workload, job, &context).map { context.finish($0) }
      return true
    }
    let result = machine.records[0].result
    #expect(result.status == NM_STATUS_OK.rawValue)
    #expect(result.operations > 0 && result.ticks >= result.operations * 5000)
  }

  @Test func aBatchWithAnotherChecksumFailsTheJob() {
    let machine = TestMachine()
    machine.run(text: text) { job, context in
      var workload = Steady()
      _ = Meter.measure(&workload, job, &context).map { context.finish($0) }
      return true
    }
    #expect(machine.records[0].result.status == NM_STATUS_OK.rawValue)

    machine.run(text: text) { job, context in
      // Steady through the warm-up, whose batches the marker tells from the window's.
      var workload = WrongInTheWindow(machine: machine, opened: machine.markers.count)
      _ = Meter.measure(&workload, job, &context).map { context.finish($0) }
      return true
    }
    #expect(machine.records[2].result.status == NM_STATUS_FAILED.rawValue)
    #expect(machine.records[2].reason == "checksum of batch 1 differs")
  }
}

/// Gives another checksum once the window is open.
private struct WrongInTheWindow: BatchWorkload {
  let machine: TestMachine
  let opened: Int

  mutating func run(_ operations: UInt64) -> UInt64 {
    var sum: UInt64 = 0
    for operation in 0..<operations { sum = fold(sum, nm_opaque(operation)) }
    return machine.markers.count > opened ? ~sum : sum
  }
}
