import ArgumentParser
import Glibc
import History
import LinuxSystem
import Results
import Statistics

/// A fleet's year in one history: how long it takes to add, to show and to search for changes.
struct Histories: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "A fleet's history: runs added, shown, searched for changes.")
  /// Seconds.
  private static let bars = (show: 0.2, one: 0.1, all: 60.0)

  @Option(help: "Hosts, a run a day each.")
  var hosts = 1000
  @Option(help: "Days.")
  var days = 365
  @Option(help: "Series of each host.")
  var series = 60
  @Option(help: "The database; one that is there is used as it is. A temporary one unless given.")
  var database: String?

  func validate() throws {
    guard hosts > 0, days > 0, series > 0 else { throw ValidationError("expected numbers above 0") }
  }

  func run() throws {
    let path = database ?? "/var/tmp/nearmetal-history-\(getpid()).sqlite"
    defer { if database == nil { try? AtomicFile.remove(path) } }
    if !AtomicFile.exists(path) { try fill(path) }
    let name = Self.name(hosts / 2)
    var rows = [["", "s", "bar"]]
    let store = try timed("open", nil, &rows) { try HistoryStore(path: path, creating: false) }
    let shown = try timed("show a host", Self.bars.show, &rows) { try store.series(HistoryFilter(host: name)) }
    guard let first = shown.first, shown.count == series else { throw Problem("the history has another shape") }
    let one = HistoryFilter(workload: first.workload.id, metric: first.metric, host: name)
    let changes = try timed("changes of one series", Self.bars.one, &rows) { try store.changes(one) }
    guard changes.counts.count == 1 else { throw Problem("\(changes.counts.count) series in place of one") }
    _ = try timed("list a host's runs", nil, &rows) { try store.runs(HistoryFilter(host: name)) }
    let all = try timed("changes of all series", Self.bars.all, &rows) { try store.changes() }
    print("\(hosts) hosts, \(days) days, \(series) series each; \(all.changed.count) of \(all.counts.count) changed")
    Table.print(rows)
  }

  private func timed<Value>(
    _ name: String, _ bar: Double?, _ rows: inout [[String]], _ body: () throws -> Value
  ) rethrows -> Value {
    let start = MonotonicClock.now
    let value = try body()
    let seconds = Double(MonotonicClock.now - start) / 1e9
    rows.append([
      name, Table.number(seconds, 3), bar.map { "\($0) \(seconds <= $0 ? "kept" : "not kept")" } ?? "",
    ])
    return value
  }

  private static func name(_ host: Int) -> String { "0123456789abcdef/host\(10000 + host)" }

  /// Each host's year in one transaction. A twentieth of the series changes in the middle of it.
  private func fill(_ path: String) throws {
    let store = try HistoryStore(path: path, creating: true)
    var random = SeededRandom(seed: 19)
    let start = MonotonicClock.now
    for host in 0..<hosts {
      _ = try store.add((0..<days).map { day in result(host, day, &random) })
    }
    let seconds = Double(MonotonicClock.now - start) / 1e9
    print("\(hosts * days) runs added in \(Table.number(seconds)) s")
  }

  private func result(_ host: Int, _ day: Int, _ random: inout SeededRandom) -> RunResult {
    let (month, date) = (1 + day % 336 / 28, 1 + day % 28)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let time = "\(2025 + day / 336)-\(two(month))-\(two(date))T10:00:00Z"
    let run = RunRecord(
      id: "\(time)-\(host)", startedAt: time, suite: "quick", seed: 1, blocks: 5, command: ["nearmetal"],
      tool: ToolRecord(version: "0.1.0", revision: "revision\(day / 30)", swift: "6.2"), buildConfiguration: .release)
    let comparisons = (0..<series).map { number in
      let changed = (host + number) % 20 == 0 && day >= days / 2 ? 0.95 : 1
      let ratio = 0.9 * changed * exp(0.01 * random.normal())
      return ComparisonRecord(
        workload: Workload("block.randread\(number)", ["bs": "4KiB", "qd": "1"]), metric: "iops", unit: "IOPS",
        direction: .higher, path: Path(.nearmetal, .polled), reference: .native, value: 1000 * ratio,
        referenceValue: 1000, ratio: ratio, low: ratio * 0.99, high: ratio * 1.01, level: 0.95, blocks: 5)
    }
    return RunResult(
      run: run, host: HostRecord(fingerprint: Self.name(host), kvm: KVMRecord(backend: .svm)), legs: [],
      comparisons: comparisons)
  }
}
