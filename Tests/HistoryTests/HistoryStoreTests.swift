import Dispatch
import Foundation
import GRDB
import History
import Results
import Synchronization
import Testing

@Suite("The history's database")
struct HistoryStoreTests {
  @Test("What is added is found again, in the order in which the runs began")
  func roundTrip() throws {
    try MadeUpHistory.withFolder { folder in
      let path = "\(folder)/below/it/history.sqlite"
      let results = [3, 1, 2].map { MadeUpHistory.result($0, ratio: 0.9 + 0.01 * Double($0)) }
      let added = try HistoryStore(path: path, creating: true).add(results)
      #expect(added == [true, true, true])

      let store = try HistoryStore(path: path, creating: false)
      #expect(try store.runs().map(\.id) == ["run-1", "run-2", "run-3"])
      let run = try #require(try store.runs().first)
      #expect(run.host == "0123abcd" && run.kernel == "6.12" && run.backend == "pvm" && run.blocks == 6)
      let series = try store.series()
      #expect(series.map(\.workload.id) == ["block.randread", "exits.cpuid"])
      #expect(series[0].workload.parameterText == "bs=4KiB qd=1" && series[0].reference == .native)
      #expect(series[0].points.map(\.run) == ["run-1", "run-2", "run-3"])
      #expect(series[0].points[0].value == 0.91 && series[0].points[0].low == 0.91 * 0.99)
      #expect(series[1].reference == nil && series[1].points[0].low == nil)
    }
  }

  @Test("Adding a run twice leaves one, also when its host's other runs are new")
  func idempotent() throws {
    try MadeUpHistory.withFolder { folder in
      let store = try HistoryStore(path: "\(folder)/h.sqlite", creating: true)
      let first = MadeUpHistory.result(1, ratio: 0.9)
      #expect(try store.add([first]) == [true])
      #expect(try store.add([first, MadeUpHistory.result(2, ratio: 0.8)]) == [false, true])
      #expect(try store.series().allSatisfy { $0.points.count == 2 })
    }
  }

  @Test("Hosts have runs and series of their own, whatever the runs are called")
  func hosts() throws {
    try MadeUpHistory.withFolder { folder in
      let store = try HistoryStore(path: "\(folder)/h.sqlite", creating: true)
      _ = try store.add([MadeUpHistory.result(1, ratio: 0.9), MadeUpHistory.result(1, ratio: 0.5, host: "ffff0000")])
      #expect(try store.runs().count == 2)
      #expect(try store.series(HistoryFilter(workload: "block.randread")).map { $0.points[0].value } == [0.9, 0.5])
      #expect(try store.runs(HistoryFilter(host: "ffff")).map(\.host) == ["ffff0000"])
    }
  }

  @Test("Each filter keeps what it names and nothing else")
  func filters() throws {
    try MadeUpHistory.withFolder { folder in
      let store = try HistoryStore(path: "\(folder)/h.sqlite", creating: true)
      _ = try store.add([
        MadeUpHistory.result(1, ratio: 0.9),
        MadeUpHistory.result(2, ratio: 0.7, revision: "bbbb2222", mode: .emulated),
      ])
      func values(_ filter: HistoryFilter) throws -> [Double] {
        try store.series(filter).filter { $0.reference != nil }.flatMap { $0.points.map(\.value) }
      }
      #expect(try values(HistoryFilter(mode: "polled")) == [0.9])
      #expect(try values(HistoryFilter(revision: "bbbb")) == [0.7])
      #expect(try values(HistoryFilter(metric: "iops")).sorted() == [0.7, 0.9])
      #expect(try values(HistoryFilter(metric: "nothing")) == [])
      #expect(try values(HistoryFilter(host: "%")) == [])
      #expect(try store.runs(HistoryFilter(mode: "emulated")).map(\.id) == ["run-2"])
      #expect(try store.runs(HistoryFilter(workload: "' OR 1=1 --")) == [])
    }
  }

  @Test("A run that says nothing about its host is refused, and none of its companions is added")
  func refuses() throws {
    try MadeUpHistory.withFolder { folder in
      let store = try HistoryStore(path: "\(folder)/h.sqlite", creating: true)
      var slowed = MadeUpHistory.result(2, ratio: 0.8)
      slowed.run.injection = InjectionRecord(.ioSlow, amount: 10)
      var debug = MadeUpHistory.result(3, ratio: 0.8)
      debug.run.buildConfiguration = .debug
      var empty = MadeUpHistory.result(4, ratio: 0.8)
      (empty.comparisons, empty.summaries) = ([], [])
      for bad in [slowed, debug, empty] {
        let error = #expect(throws: HistoryError.self) { try store.add([MadeUpHistory.result(1, ratio: 0.9), bad]) }
        #expect(error?.description.contains(bad.run.id) == true)
      }
      #expect(try store.runs() == [])
    }
  }

  @Test("A history that is not there is not made by asking for it")
  func absent() throws {
    try MadeUpHistory.withFolder { folder in
      let path = "\(folder)/h.sqlite"
      #expect(throws: HistoryError.absent(path: path)) { try HistoryStore(path: path, creating: false) }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("A file of another kind, another program's database and a newer history are told apart, and left as they are")
  func foreign() throws {
    try MadeUpHistory.withFolder { folder in
      let text = "\(folder)/text"
      try Data(String(repeating: "no database at all\n", count: 99).utf8).write(to: URL(fileURLWithPath: text))
      let other = "\(folder)/other.sqlite"
      try DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE mine (x)") }
      let newer = "\(folder)/newer.sqlite"
      _ = try HistoryStore(path: newer, creating: true)
      try DatabaseQueue(path: newer).write {
        try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9: from the future')")
      }
      let pipe = "\(folder)/pipe"
      #expect(unsafe mkfifo(pipe, 0o600) == 0)
      #expect(throws: HistoryError.foreign(path: pipe, found: "a pipe")) {
        try HistoryStore(path: pipe, creating: true)
      }
      for (path, kind) in [(text, "foreign"), (other, "foreign"), (newer, "newer")] {
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = #expect(throws: HistoryError.self) { try HistoryStore(path: path, creating: true) }
        switch error {
        case .foreign: #expect(kind == "foreign")
        case .newer: #expect(kind == "newer")
        default: Issue.record("\(path): \(String(describing: error))")
        }
        #expect(error?.description.contains("\n") == false && error?.description.contains(path) == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
      }
    }
  }

  @Test(
    "A value of another type than its column's, or no finite one, is an error of one line",
    arguments: [
      "UPDATE point SET value = 'many'", "UPDATE point SET value = 9e999", "UPDATE point SET value = x'00ff'",
      "UPDATE point SET low = 'few'", "UPDATE series SET workload = x'fffe'", "UPDATE series SET direction = 7",
      "UPDATE point SET blocks = 1e30", "UPDATE run SET interrupted = 'perhaps'", "UPDATE run SET blocks = 'x'",
      "UPDATE point SET blocks = 'x'",
    ])
  func wrongTypes(change: String) throws {
    try MadeUpHistory.withFolder { folder in
      let path = "\(folder)/h.sqlite"
      _ = try HistoryStore(path: path, creating: true).add([MadeUpHistory.result(1, ratio: 0.9)])
      try DatabaseQueue(path: path).write { try $0.execute(sql: change) }
      let store = try HistoryStore(path: path, creating: false)
      let error = #expect(throws: HistoryError.self) {
        _ = try store.runs()
        _ = try store.series()
      }
      #expect(error?.description.contains("\n") == false && error?.description.contains(path) == true)
    }
  }

  @Test("A damaged history is an error of one line, not a crash", arguments: ["schema", "tables", "cut short"])
  func damaged(damage: String) throws {
    try MadeUpHistory.withFolder { folder in
      let path = "\(folder)/h.sqlite"
      _ = try HistoryStore(path: path, creating: true).add((0..<25).map { MadeUpHistory.result($0, ratio: 0.9) })
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try #require(bytes.count > 4 * 4096)
      switch damage {
      // The first page is the schema's, after a header of 100 bytes (SQLite file format §1.3).
      case "schema": for index in 100..<4096 { bytes[index] = 0xa5 }
      case "tables": for index in 4096..<bytes.count { bytes[index] = 0xa5 }
      default: bytes = bytes.prefix(bytes.count / 2)
      }
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        let store = try HistoryStore(path: path, creating: false)
        _ = try store.series()
        Issue.record("the damage went unnoticed")
      } catch {
        let text = "\(error)"
        #expect(error is HistoryError && text.contains(path) && !text.contains("\n"), "\(text)")
      }
    }
  }

  @Test("A folder that cannot be made is said with its path")
  func unusable() throws {
    let error = #expect(throws: HistoryError.self) { try HistoryStore(path: "/proc/none/h.sqlite", creating: true) }
    #expect(error?.description.contains("/proc/none") == true)
  }

  @Test("Many hosts' runs are added at once, each by a connection of its own, and none is lost")
  func concurrent() throws {
    try MadeUpHistory.withFolder { folder in
      let path = "\(folder)/h.sqlite"
      let failures = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 16) { host in
        do {
          for number in 0..<3 {
            let result = MadeUpHistory.result(number, ratio: 0.9, host: "host\(host)")
            #expect(try HistoryStore(path: path, creating: true).add([result]) == [true])
          }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
      #expect(failures.withLock { $0 } == [])
      let store = try HistoryStore(path: path, creating: false)
      #expect(try store.runs().count == 48)
      #expect(try store.series().count == 32)
      let mode = try DatabaseQueue(path: path).read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
      #expect(mode == "wal")
    }
  }

  @Test("Old runs go with their figures, and series that have none any more")
  func prune() throws {
    try MadeUpHistory.withFolder { folder in
      let store = try HistoryStore(path: "\(folder)/h.sqlite", creating: true)
      _ = try store.add((0..<6).map { MadeUpHistory.result($0, ratio: 0.9) })
      _ = try store.add([MadeUpHistory.result(0, ratio: 0.9, host: "ffff0000")])
      #expect(try store.removeRuns(before: "2026-10-04") == 4)
      #expect(try store.runs().map(\.id) == ["run-3", "run-4", "run-5"])
      #expect(try store.series().allSatisfy { $0.points.count == 3 && $0.host == "0123abcd" })
      #expect(try store.removeRuns(before: "2026-10-04") == 0)
    }
  }

  @Test("Of another history the runs are taken that are not there yet")
  func merge() throws {
    try MadeUpHistory.withFolder { folder in
      let (here, there) = ("\(folder)/a.sqlite", "\(folder)/b.sqlite")
      let store = try HistoryStore(path: here, creating: true)
      _ = try store.add([1, 2].map { MadeUpHistory.result($0, ratio: 0.9) })
      _ = try HistoryStore(path: there, creating: true).add(
        [2, 3].map { MadeUpHistory.result($0, ratio: 0.7) } + [MadeUpHistory.result(1, ratio: 0.5, host: "ffff0000")])
      #expect(try store.merge(there) == 2)
      #expect(try store.merge(there) == 0)
      let series = try store.series(HistoryFilter(workload: "block.randread"))
      #expect(series.map(\.host) == ["0123abcd", "ffff0000"])
      #expect(series.map { $0.points.map(\.value) } == [[0.9, 0.9, 0.7], [0.5]])
      #expect(series[0].points.map(\.run) == ["run-1", "run-2", "run-3"])
      let absent = "\(folder)/none.sqlite"
      #expect(throws: HistoryError.absent(path: absent)) { try store.merge(absent) }
    }
  }

  @Test("Changes of all series are those of each")
  func changes() throws {
    try MadeUpHistory.withFolder { folder in
      let store = try HistoryStore(path: "\(folder)/h.sqlite", creating: true)
      // Added in another order than that of time.
      for number in (0..<24).reversed() {
        let steady = MadeUpHistory.result(number, ratio: 0.9 + 0.001 * Double(number % 3), host: "steady")
        let changed = MadeUpHistory.result(
          number, ratio: (number < 13 ? 0.9 : 0.8) + 0.001 * Double(number % 3), host: "changed")
        _ = try store.add([steady, changed])
      }
      let found = try store.changes(HistoryFilter(workload: "block.randread"))
      #expect(found.counts == [24, 24] && found.changed.map(\.host) == ["changed"])
      var series = try #require(try store.series(HistoryFilter(workload: "block.randread", host: "changed")).first)
      series.detectChanges()
      #expect(found.changed == [series] && series.changes.map(\.index) == [13])
    }
  }
}
