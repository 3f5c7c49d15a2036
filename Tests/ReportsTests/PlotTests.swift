import Foundation
import Results
import Testing

@testable import Reports

@Suite("Plots")
struct PlotTests {
  @Test("Coordinates have at most one decimal, and what is not finite has a place too")
  func numbers() {
    #expect(SVG.number(1.26) == "1.3" && SVG.number(-0.04) == "0" && SVG.number(-2.5) == "-2.5")
    #expect(SVG.number(.nan) == "0" && SVG.number(.infinity) == "0" && SVG.number(1e300) == "0")
  }

  @Test(
    "A linear axis has a few round ticks inside its range, whatever the values",
    arguments: [[0, 1], [3, 3], [-5, 1000], [1e-12, 2e-12], [0, 1e300], [-1e308, 1e308], [], [0.1, 0.1 + 1e-17]])
  func linear(values: [Double]) {
    let axis = LinearAxis(covering: values, from: 10, to: 110)
    #expect((1...50).contains(axis.ticks.count))
    for value in values where value.isFinite && abs(value) < 1e300 { #expect((10...110).contains(axis.place(value))) }
  }

  @Test("The logarithmic axis of latencies covers them without reaching for 1")
  func latencyAxis() {
    let axis = LogarithmicAxis(covering: [20_000, 300_000], from: 200, to: 0, around: nil)
    #expect(axis.ticks.allSatisfy { $0 > 15_000 && $0 < 400_000 })
    #expect(axis.place(20_000) > 150 && axis.place(300_000) < 20)
  }

  @Test("Durations have a unit that suits and three digits")
  func durations() {
    #expect(Figure.duration(0.5) == "0.5 ns" && Figure.duration(999.4) == "999 ns")
    #expect(Figure.duration(999.6) == "1 µs" && Figure.duration(12_345) == "12.3 µs")
    #expect(Figure.duration(2.5e9) == "2.5 s" && Figure.duration(-1500) == "-1.5 µs")
  }

  @Test("A waterfall's last bar begins at zero, and a negative residual is drawn backwards")
  func waterfall() {
    let svg = Waterfall(steps: [
      .init(name: "device", amount: 60, kind: "base"), .init(name: "exits", amount: 50, kind: "part"),
      .init(name: "not explained", amount: -10, kind: "residual"), .init(name: "total", amount: 100, kind: "total"),
    ]).svg(id: "w", title: "t")
    #expect(svg.components(separatedBy: "class=\"bar mark ").count == 5)
    #expect(svg.contains("<title>not explained: -10 ns</title>"))
  }

  @Test("A leg lasts until the next one begins; the last one's end is not known")
  func durationsOfLegs() {
    let legs = [(0, 1.0), (1, 3.5), (2, 4.0)].map { block, start in
      var leg = MadeUp.leg(block, .native, .native, "w", [:], [])
      leg.startedAt = start
      return leg
    }
    let durations = LegDurations(legs)
    #expect(durations.total(legs) == 3.0)
    #expect(durations.total([legs[2]]) == nil)
  }

  @Test("Legs that took turns share their time")
  func durationsOfTurns() {
    let legs = [(0, 1.0), (1, 1.0), (2, 4.0)].map { block, start in
      var leg = MadeUp.leg(block, .native, .native, "w", [:], [])
      leg.startedAt = start
      return leg
    }
    let durations = LegDurations(legs)
    #expect(legs.map { durations.total([$0]) } == [1.5, 1.5, nil])
  }

  @Test("Data that would make a page too large are left out, largest first, and the page says so")
  func budget() throws {
    let result = MadeUp.result()
    #expect(try ReportData(result, budget: 10_000_000).leftOut == "")
    let small = try ReportData(result, budget: 0)
    #expect(small.leftOut == "legs with their histograms and counters")
    let read = try ResultStore.decode([UInt8](small.json.utf8), path: "page")
    #expect(read.legs.isEmpty && read.comparisons == result.comparisons)
    let middle = try ReportData(result, budget: ReportData(result, budget: 10_000_000).json.utf8.count - 1)
    #expect(middle.leftOut == "latency histograms")
    #expect(!middle.json.contains("\"histogram\""))
    #expect(try ResultStore.decode([UInt8](middle.json.utf8), path: "page").legs.count == result.legs.count)
    #expect(try MadeUp.file("report.html", result).contains("\"histogram\""))
  }
}

@Suite struct TurnsPlotTests {
  /// A workload whose guest gets slower within each block, or does not.
  private func series(losing share: Double) -> WorkloadSeries? {
    let legs = (0..<5).flatMap { block in
      [Path.native, Path(.nearmetal, .guest)].map { path in
        var leg = LegRecord(
          id: "\(block)-\(path)", block: block, order: 0, path: path, workload: Workload("cpu.integer"), status: .ok,
          metrics: [MetricRecord(name: "throughput", unit: "ops/s", direction: .higher, value: 1000)],
          startedAt: Double(block))
        let operations = (0..<40).map { round in
          let lost = path.isNative ? 0 : share * Double(round) / 39
          return UInt64(100_000 * (1 - lost) + Double((round * 7 + block) % 5))
        }
        leg.turns = TurnsRecord(
          length: 500_000, rewarm: 0,
          windows: TurnsRecord.Windows(
            operations: operations, nanoseconds: operations.map { _ in 500_000 }, median: operations.map { _ in 0 }))
        return leg
      }
    }
    let result = RunResult(
      run: RunRecord(
        id: "r", startedAt: "2026-11-22T10:15:00Z", suite: "s", seed: 1, blocks: 5, command: [],
        tool: ToolRecord(version: "0", revision: "0", swift: "6"), buildConfiguration: .release),
      host: HostRecord(fingerprint: "f", kvm: KVMRecord(backend: .svm)), legs: legs)
    return WorkloadSeries.all(result).first
  }

  @Test func workThatHasNotSettledIsSaid() throws {
    let made = try #require(series(losing: 0.1))
    let plot = try #require(TurnsPlot(made))
    #expect(
      plot.curves.map(\.blocks.count) == [5, 5] && plot.curves.allSatisfy { $0.blocks.allSatisfy { $0.count == 20 } })
    #expect(plot.remarks.count == 1 && plot.remarks[0].hasPrefix("guest: −7"))
    #expect(plot.svg(id: "t", title: "cpu").contains("had not settled"))
  }

  @Test func steadyWorkIsNotAccused() throws {
    let made = try #require(series(losing: 0))
    let plot = try #require(TurnsPlot(made))
    #expect(plot.remarks.isEmpty)
  }
}

@Suite struct QueuesPlotTests {
  /// Two blocks of a run whose figure doubles with the queues, natively, and in a guest does not.
  private func series(_ counts: [(queues: String, vcpus: String, ioThreads: String)]) -> [WorkloadSeries] {
    var legs: [LegRecord] = []
    for (queues, vcpus, ioThreads) in counts {
      for block in 0..<2 {
        for path in [Path.native, Path(.nearmetal, .polled)] {
          let growth = path.isNative ? Double(queues) ?? 1 : 1
          legs.append(
            MadeUp.leg(
              block, path.machine, path.mode, "block.randread",
              [
                "bs": "4KiB", "queues": ParameterValue(queues), "vcpus": ParameterValue(vcpus),
                "iothreads": ParameterValue(ioThreads),
              ], [MadeUp.metric("iops", "IOPS", .higher, growth * (1000 + 100 * Double(block)))],
              validity: queues == "4" ? ["threads shared CPUs: 4 threads on 2 CPUs"] : []))
        }
      }
    }
    var result = MadeUp.result()
    result.legs = legs
    result.comparisons = []
    result.summaries = []
    return WorkloadSeries.all(result)
  }

  @Test func eachPathHasACurveOverTheQueues() throws {
    let plots = QueuesPlot.all(series([("1", "1", "1"), ("2", "2", "2"), ("4", "4", "4")]))
    let plot = try #require(plots.first)
    #expect(plots.count == 1 && plot.title == "block.randread bs=4KiB")
    #expect(plot.shape == "one vCPU for each, one I/O thread for each")
    #expect(plot.curves.map(\.path) == [.native, Path(.nearmetal, .polled)])
    #expect(
      plot.curves[0].points.map(\.mean) == [1050, 2100, 4200]
        && plot.curves[1].points.map(\.mean) == [1050, 1050, 1050])
    #expect(plot.curves[0].points[2].low == 4000 && plot.curves[0].points[2].high == 4400)
    #expect(plot.doubts == ["threads shared CPUs: 4 threads on 2 CPUs"])
    let view = PlotView(plot, id: "q")
    #expect(view.head == ["mode", "1 queue", "2 queues", "4 queues"] && view.rows.map(\.cells.count) == [3, 3])
    #expect(view.svg.contains("polled, queues 4"))
  }

  @Test func whatFollowsTheQueuesInAnotherWayIsAnotherPlot() {
    let plots = QueuesPlot.all(
      series([("1", "1", "1"), ("2", "2", "2"), ("4", "4", "4"), ("2", "2", "1"), ("4", "4", "1"), ("4", "2", "2")]))
    #expect(
      plots.map(\.shape) == [
        "one vCPU for each, one I/O thread for all", "one vCPU for each, one I/O thread for each",
        "2 vCPUs, 2 I/O threads",
      ])
    #expect(plots.map { $0.counts } == [[1, 2, 4], [1, 2, 4], [2, 4]])
  }

  @Test func oneNumberOfQueuesMakesNoCurve() {
    #expect(QueuesPlot.all(series([("4", "4", "4")])).isEmpty)
    #expect(QueuesPlot.all(series([("1", "1", "1")])).isEmpty)
  }
}
