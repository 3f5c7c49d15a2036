import Bills
import Results
import Testing

@testable import Reports

@Suite struct BillTimesTests {
  @Test func theLineThroughExitsIsFound() throws {
    let names = ["exits.cpuid", "exits.pio.kernel", "exits.trap", "exits.pio.user"]
    let instructions = [500.0, 900, 1400, 3400]
    let bill = MadeUp.bill(zip(names, instructions).map { MadeUp.line($0, [$1, $1]) })
    var result = MadeUp.pass([], order: names)
    for (name, instructions) in zip(names, instructions) {
      result.summaries.append(
        SummaryRecord(
          workload: Workload(name), metric: "cost", unit: "ns", direction: .lower, path: MadeUp.guest,
          mean: 600 + 0.25 * instructions, low: nil, high: nil, level: 0.95, blocks: 5))
    }
    let times = try #require(BillTimes(bill, result))
    #expect(abs((times.nanosecondsPerInstruction ?? 0) - 0.25) < 1e-9 && abs((times.intercept ?? 0) - 600) < 1e-6)
    #expect(times.rows.count == 4 && (times.scatter ?? 1) < 1e-6)
    #expect(times.text.contains("An instruction is 0.25"))
    result.host.kvm.backend = .pvm
    #expect(BillTimes(bill, result)?.remarks.first?.contains("predicts nothing") == true)
  }

  @Test func withoutAnExitInCommonThereIsNothingToSay() {
    #expect(BillTimes(MadeUp.bill([MadeUp.line("exits.trap", [1, 1])]), MadeUp.pass([], order: [])) == nil)
  }
}
