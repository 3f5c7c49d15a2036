import ArgumentParser
import Counters
import Definitions
import Results
import Runner
import Statistics

/// What counting costs a leg: counters on against off.
struct Counting: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "A leg with its counters against the same leg without.")
  /// Share of a leg's figure that counting may cost.
  private static let bar = 0.01

  @Option(help: "A suite's name or the path of a YAML file.")
  var suite = "quick"
  @Option(help: "Blocks; each runs every leg twice.")
  var blocks = 10
  @Flag(help: "Count in the legs also what a run counts in its counting pass.")
  var everything = false

  func validate() throws {
    guard (2...1000).contains(blocks) else { throw ValidationError("--blocks: expected 2 to 1000") }
  }

  func run() throws {
    var suite = try SuiteReader.read(suite)
    suite.blocks = blocks
    let costs = try CountingCost.measure(suite, seed: 1, everything: everything) { _ in }
    var rows = [["workload", "on", "counted over uncounted", "95 % interval", "blocks", "costs at most 1 %"]]
    for cost in costs {
      let interval = cost.ratio.interval(level: 0.95)
      let verdict =
        interval.map { $0.low >= 1 - Self.bar ? "yes" : $0.high < 1 - Self.bar ? "NO" : "cannot tell" } ?? "one block"
      rows.append([
        cost.workload.description, cost.path.description, Table.number(cost.ratio.estimate, 4),
        Table.interval(cost.ratio),
        "\(cost.ratio.blocks)", verdict,
      ])
    }
    print("\(blocks) blocks")
    Table.print(rows)
    let all = costs.flatMap(\.ratio.logarithms)
    guard let sample = try? Sample(all), let interval = sample.interval(level: 0.95) else { return }
    let low = Table.number((interval.low * 100), 2)
    print(
      "all legs together: \(Table.number(sample.mean * 100, 2)) % [\(low), \(Table.number(interval.high * 100, 2))]")
  }
}
