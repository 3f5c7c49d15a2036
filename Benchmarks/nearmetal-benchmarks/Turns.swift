import ArgumentParser
import Counters
import Definitions
import LinuxSystem
import Results
import Runner
import Statistics

/// How wide intervals are with legs one after the other, and with legs that take turns, in the same time.
struct Turns: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Intervals of legs one after the other against those of legs that take turns, at equal time.")
  /// Share of the old half-width that the new one may have. A boot's copies have a level that its set of huge pages has,
  /// the more so the nearer their size is to the last cache's.
  private static let bars: [(workload: Workload, path: Path, metric: String, bar: Double)] = [
    (Workload("cpu.integer"), Path(.nearmetal, .guest), "throughput", 1.0 / 3),
    (Workload("memory.copy", ["size": "4MiB"]), Path(.nearmetal, .guest), "bandwidth", 1.0 / 5),
    (
      Workload("block.randread", ["bs": "4KiB", "qd": "1", "backing": "file"]), Path(.nearmetal, .polled), "iops",
      1.0 / 3
    ),
    (
      Workload("block.randread", ["bs": "4KiB", "qd": "1", "backing": "direct"]), Path(.nearmetal, .polled), "iops",
      1.0 / 5
    ),
  ]

  @Option(help: "Runs of each kind, alternating.")
  var runs = 3
  @Option(help: "Blocks of a run.")
  var blocks = 5
  @Option(help: "Milliseconds that each leg works in a block.")
  var window: UInt64 = 160
  @Option(help: "Measures only workloads whose name with parameters has this in it.")
  var only = ""

  func validate() throws {
    guard (1...100).contains(runs), (2...100).contains(blocks), (20...10_000).contains(window) else {
      throw ValidationError("expected 1 to 100 runs of 2 to 100 blocks with windows of 20 to 10000 ms")
    }
    guard !items.isEmpty else { throw ValidationError("--only: no workload has \(only) in its name") }
  }

  /// The legs of all runs of a kind, their blocks numbered through: as if they were one run that went on, which has one usual distance
  /// of the two CPUs.
  private struct Column {
    var legs: [LegRecord] = []
    var blocks = 0
    var seconds = 0.0
  }

  private var items: [(workload: Workload, path: Path, metric: String, bar: Double)] {
    Self.bars.filter { only.isEmpty || "\($0.workload)".contains(only) }
  }

  func run() throws {
    let items = items
    var columns: [[Column]] = items.map { _ in [Column(), Column()] }
    var random = SeededRandom(seed: 1)
    for _ in 0..<runs {
      for (index, item) in items.enumerated() {
        for kind in random.shuffled([0, 1]) { try measure(item, kind, &columns[index][kind], &random) }
      }
    }
    var rows = [
      [
        "workload", "one by one: s.d. of a block, s", "in turns: s.d. of a block, s", "half-width at equal time", "bar",
        "",
      ]
    ]
    for (item, column) in zip(items, columns) {
      let samples = try column.map { try Sample(logarithms(item, $0.legs)) }
      // A block that is left out took its time all the same.
      let each = zip(column, samples).map { $0.seconds / Double($1.count) }
      // In the time of one kind the other has more blocks or fewer.
      let ratio = samples[1].standardDeviation / samples[0].standardDeviation * (each[1] / each[0]).squareRoot()
      let cells = zip(samples, each).map { "\(Table.number($0.standardDeviation, 4)), \(Table.number($1, 2))" }
      rows.append([
        "\(item.workload), \(item.path)", cells[0], cells[1], Table.number(ratio, 3), Table.number(item.bar, 2),
        ratio <= item.bar ? "kept" : "not kept",
      ])
    }
    print(
      "\(runs) runs of \(blocks) blocks each; seconds are of a block that counts, booting, parking and warming included"
    )
    Table.print(rows)
  }

  private func measure(
    _ item: (workload: Workload, path: Path, metric: String, bar: Double), _ kind: Int, _ column: inout Column,
    _ random: inout SeededRandom
  ) throws {
    let definition = WorkloadCatalog.known(item.workload.id)
    var suite = Suite(
      name: "turns", blocks: blocks, warmup: 20_000_000, window: window * 1_000_000, memory: 128 << 20, disk: 128 << 20,
      entries: [
        SuiteEntry(item.workload, definition, machines: [.native, .nearmetal], modes: [item.path.mode])
      ])
    suite.counters = .none
    if kind == 0 { suite.turn = .none }
    let options = Run.Options(
      seed: random.next() >> 1, command: ["nearmetal-benchmarks", "turns"],
      tool: ToolRecord(version: "", revision: "", swift: ""))
    let run = try Run(suite, options, Interruption())
    let result = run.run(Progress { _ in })
    if let leg = result.legs.first(where: { $0.status != .ok }) { throw Problem(leg.reason ?? "nothing was measured") }
    column.legs += result.legs.map { leg in
      var leg = leg
      leg.block += column.blocks
      return leg
    }
    column.blocks += blocks
    column.seconds += secondsOfBlock(result) * Double(blocks)
  }

  private func logarithms(
    _ item: (workload: Workload, path: Path, metric: String, bar: Double), _ legs: [LegRecord]
  ) throws -> [Double] {
    let series = Series.all(in: legs).filter { $0.key.subject.metric == item.metric }
    guard let guest = series.first(where: { $0.key.path == item.path }),
      let native = series.first(where: { $0.key.path.isNative })
    else { throw Problem("\(item.workload) has no figures") }
    return guest.ratios(over: native).map(\.ratio.logarithm)
  }

  /// From the beginning of one block to that of the next.
  private func secondsOfBlock(_ result: RunResult) -> Double {
    let starts = Dictionary(grouping: result.legs, by: \.block).mapValues { $0.map(\.startedAt).min() ?? 0 }
    guard let first = starts[0], let last = starts[blocks - 1] else { return 0 }
    return (last - first) / Double(blocks - 1)
  }
}
