import Testing
import Topology

@testable import Counters

@Suite struct CounterSelectionTests {
  @Test func setsAndEventsStandBetweenCommas() {
    #expect(CounterSelection("basic,vm") == .standard)
    #expect(CounterSelection("none") == CounterSelection.none)
    #expect(CounterSelection("off") == .off)
    #expect(
      CounterSelection("vm,kvm:kvm_exit") == CounterSelection(basic: false, vm: true, events: ["kvm:kvm_exit"]))
  }

  @Test(arguments: ["", "basic,", "none,basic", "off,none", "vm,off", "vm,vm", ",", "a,a"])
  func whatSaysNothingOrTwoThingsIsRefused(text: String) {
    #expect(CounterSelection(text) == nil)
  }

  @Test func aPlanRefusesANameThatNothingKnows() {
    #expect { try CounterPlan(CounterSelection(basic: false, vm: false, events: ["NO_SUCH_EVENT"])) } throws: {
      "\($0)".contains("NO_SUCH_EVENT")
    }
  }

  @Test func aRunThatIsToCountNothingOpensNothing() throws {
    let plan = try CounterPlan(.off)
    #expect(plan.legs.isEmpty && plan.pass.isEmpty && plan.unavailable.isEmpty)
  }

  @Test func whatCannotBeHadIsNamedWithAReason() throws {
    let plan = try CounterPlan(.standard)
    let asked = Set(PerfEventKind.basic.map(\.name) + PerfEventKind.kvmTracepoints)
    let planned = Set((plan.legs + plan.pass).flatMap { $0.kinds.map { $0.name.replacing(":u", with: "") } })
    let missing = Set(plan.unavailable.map(\.name))
    #expect(asked.isSubset(of: planned.union(missing)))
    #expect(planned.isDisjoint(with: missing))
    #expect(plan.unavailable.allSatisfy { !$0.reason.isEmpty })
  }

  @Test func aLegCountsNoTracepointAndAtMostSixHardwareEventsAtATime() throws {
    let plan = try CounterPlan(.standard)
    #expect(plan.legs.allSatisfy { group in group.kinds.allSatisfy { $0.source != .tracepoint } })
    let onVCPU = plan.legs.filter { $0.threads != .others && $0.kinds.contains { $0.source == .processor } }
    #expect(onVCPU.reduce(0) { $0 + $1.kinds.count } <= 6)
  }

  @Test func exitReasonsHaveOneNumberEach() {
    for table in [ExitReason.vmx, ExitReason.svm, ExitReason.pvm] {
      #expect(Set(table.map(\.number)).count == table.count)
    }
    #expect(Set(ExitReason.all.map(\.name)).count == ExitReason.all.count)
  }
}
