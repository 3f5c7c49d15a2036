import LinuxSystem
import Testing

@testable import Counters

@Suite(.enabled(if: PerfAccess.isGranted, "needs root or kernel.perf_event_paranoid below 2"))
struct KnownWorkTests {
  @Test(arguments: KnownWork.allCases)
  func whatIsCountedIsWhatWasDone(work: KnownWork) throws {
    let outcome = work.run(cpus: try CPUAffinity.allowed())
    if outcome.counted == nil {
      #expect(outcome.remark?.isEmpty == false, "\(outcome.counter) without a number has a reason")
    } else {
      #expect(outcome.agrees, "\(outcome)")
    }
  }
}
