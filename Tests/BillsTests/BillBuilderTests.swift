import Bills
import Histogram
import Results
import Testing

@Suite("A bill's lines are made of what the passes measured")
struct BillBuilderTests {
  /// Operations of so many ticks each.
  private func histogram(_ ticks: UInt64, count: UInt64) -> HistogramRecord {
    var histogram = Histogram<UInt64>(highestTrackableValue: 10_000_000)
    histogram.record(ticks, count: count)
    return HistogramRecord(histogram, unit: .ticks, ticksPerNanosecond: 0.5)
  }

  private func exit(_ cycles: Double) -> LegRecord {
    MadeUp.leg(
      "exits.cpuid",
      metrics: [
        MetricRecord(
          name: "cost", unit: "ns", direction: .lower, value: cycles * 2, histogram: histogram(1000, count: 10)),
        MetricRecord(name: "cost.cycles", unit: "cycles", direction: .lower, value: cycles),
        MetricRecord(name: "cost.mean", unit: "ns", direction: .lower, value: cycles * 2 + 10),
      ], counters: [("vcpu.exits", 10), ("monitor.port_reads", 3), ("monitor.mmio_writes", 2)])
  }

  @Test func anExitIsItsMedianInTicksAndCountsAreForAnOperation() throws {
    let lines = BillBuilder.lines(of: [
      MadeUp.pass([exit(1421)], order: ["exits.cpuid"]), MadeUp.pass([exit(1423)], order: ["exits.cpuid"]),
    ])
    let line = try #require(lines.first)
    #expect(line.statistic == .median)
    #expect(line.instructions == BillFigure([1421, 1423]))
    #expect(line.instructions?.width == 2)
    // Nanoseconds times half a tick each.
    #expect(line.mean == BillFigure([1426, 1428]))
    #expect(line.operations == BillFigure([10, 10]))
    #expect(line.counts["exits"] == BillFigure([1, 1]))
    #expect(line.counts["userExits"] == BillFigure([0.5, 0.5]))
    #expect(line.counts["doorbells"] == nil)
  }

  @Test func theSameNumberByTwoMeasuresOfTheClockIsExact() throws {
    let lines = BillBuilder.lines(
      of: [1427, 1427.000_000_000_2].map { MadeUp.pass([exit($0)], order: ["exits.cpuid"]) })
    #expect(lines.first?.instructions == BillFigure([1427, 1427]) && lines.first?.mean?.width == 0)
  }

  @Test func anOperationIsTheWindowOverItsOperations() throws {
    let path = Path(.nearmetal, .emulated)
    let leg = MadeUp.leg(
      "block.randread", path,
      metrics: [
        MetricRecord(name: "iops", unit: "IOPS", direction: .higher, value: 10_000),
        MetricRecord(
          name: "latency.p50", unit: "ns", direction: .lower, value: 1, histogram: histogram(40_000, count: 5)),
      ])
    let line = try #require(BillBuilder.lines(of: [MadeUp.pass([leg], order: ["block.randread"])]).first)
    // 100,000 ns, of which each is half a tick.
    #expect(line.instructions == BillFigure([50_000]))
    #expect(line.statistic == .mean)
    #expect(line.mean == nil)
  }

  @Test func aBootIsTheTimeUntilItsLastStep() throws {
    let leg = MadeUp.leg("boot", metrics: [MetricRecord(name: "boot.last", unit: "ms", direction: .lower, value: 17.5)])
    let line = try #require(BillBuilder.lines(of: [MadeUp.pass([leg], order: ["boot"])]).first)
    #expect(line.instructions == BillFigure([17_500_000]))
    #expect(line.operations == BillFigure([1]))
  }

  @Test func linesHaveTheSuitesOrderWhateverTheLegsHad() {
    let legs = ["boot", "exits.trap", "exits.cpuid"].map { MadeUp.leg($0, status: .skipped) }
    let lines = BillBuilder.lines(of: [MadeUp.pass(legs, order: ["exits.cpuid", "exits.trap", "boot"])])
    #expect(lines.map(\.workload.id) == ["exits.cpuid", "exits.trap", "boot"])
  }

  @Test func aLineThatOnePassDidNotMeasureHasNoFigureAndAReason() throws {
    let failed = MadeUp.leg("exits.cpuid", status: .failed)
    let order = ["exits.cpuid"]
    let line = try #require(
      BillBuilder.lines(of: [MadeUp.pass([exit(1421)], order: order), MadeUp.pass([failed], order: order)]).first)
    #expect(line.status == .failed && line.instructions == nil && line.reason == "because")
    let absent = try #require(
      BillBuilder.lines(of: [MadeUp.pass([exit(1421)], order: order), MadeUp.pass([], order: order)]).first)
    #expect(absent.status == .failed && absent.reason?.isEmpty == false)
  }
}
