import Counters
import LinuxSystem
import SystemPackage
import Testing
import Topology

@Suite struct PMUTests {
  @Test func libpfm4KnowsPerfItself() throws {
    let models = try PMU().models.get()
    let perf = try #require(models.first { $0.name == "perf" })
    #expect(perf.eventCount > 0)
  }

  @Test(.enabled(if: PerfAccess.isGranted, "needs root or kernel.perf_event_paranoid below 2"))
  func encodesAGenericNameAsPerfDoes() throws {
    let kind = try PerfEventKind(named: "perf::PERF_COUNT_SW_CONTEXT_SWITCHES")
    let event = try PerfEvent(kind)
    #expect(try event.read().value == 0)
  }

  @Test func refusesANameThatNoTableHas() {
    #expect { try PerfEventKind(named: "NO_SUCH_EVENT") } throws: { "\($0)".contains("NO_SUCH_EVENT") }
  }

  @Test func saysWhetherHardwareEventsOpenAndMeansIt() throws {
    let refusal = PMU().refusal
    do {
      let event = try PerfEvent(.cycles, userOnly: true)
      try event.enable()
      _ = try PerfEvent(.instructions, userOnly: true)
      #expect(refusal == nil)
    } catch {
      #expect(refusal?.errno == error.errno)
      #expect(!PerfRefusal(error.errno).meaning.isEmpty)
    }
  }

  @Test func aRefusalOfMissingCountersIsNoZeroButAFactWithARemedy() {
    let pmu = PMU()
    let fact = pmu.section.facts.first { $0.id == "pmu.hardware" }
    #expect((fact?.value == nil) == (pmu.refusal != nil))
    #expect(PerfRefusal(.noSuchFileOrDirectory).advice?.contains("virtual PMU") == true)
    #expect(PerfRefusal(.permissionDenied).advice?.contains("perf_event_paranoid") == true)
  }
}
