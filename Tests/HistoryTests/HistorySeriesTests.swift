import Foundation
import History
import Results
import Testing

@Suite("Changes in a history")
struct HistorySeriesTests {
  private func series(_ values: [Double]) -> HistorySeries {
    HistorySeries(
      host: "0123abcd", workload: Workload("block.randread", ["bs": "4KiB"]), metric: "iops", unit: "IOPS",
      direction: .higher, path: Path(.nearmetal, .polled), reference: .native,
      points: values.enumerated().map {
        HistoryPoint(
          run: "run-\($0)", startedAt: "2026-10-01", revision: "r\($0)", value: $1, low: nil, high: nil, blocks: 6)
      })
  }

  private let wobble = [0.004, -0.003, 0.001, -0.004, 0.002, 0.003, -0.001, -0.002]

  @Test("A drop is found at its first run, with the figures on both sides of it")
  func drop() throws {
    var history = series((0..<20).map { ($0 < 12 ? 0.95 : 0.85) * exp(wobble[$0 % 8]) })
    history.detectChanges()
    let change = try #require(history.changes.first)
    #expect(history.changes.count == 1)
    #expect(
      change.index == 12 && change.run == "run-12" && change.revision == "r12" && change.previousRevision == "r11")
    #expect(abs(change.before - 0.95) < 0.002 && abs(change.after - 0.85) < 0.002)
    #expect(abs(change.relative + 0.105) < 0.005)
    #expect(change.probability <= 0.05)
  }

  @Test("Each change is compared with its neighbouring segments alone")
  func twoChanges() {
    var history = series((0..<24).map { [1.0, 2.0, 1.0][$0 / 8] * exp(wobble[$0 % 8]) })
    history.detectChanges()
    #expect(history.changes.map(\.index) == [8, 16])
    #expect(history.changes.allSatisfy { abs(abs($0.relative) - ($0.index == 8 ? 1 : 0.5)) < 0.02 })
  }

  @Test("A steady history, a short one and an empty one have no change, and one with a zero does not trap")
  func steady() {
    for values in [(0..<30).map { 1 + wobble[$0 % 8] }, [1, 2, 3], [], [Double](repeating: 0, count: 12)] {
      var history = series(values)
      history.detectChanges()
      #expect(history.changes.isEmpty)
    }
  }

  @Test("A series survives JSON, changes and all")
  func codable() throws {
    var history = series((0..<20).map { $0 < 10 ? 1 : 0.5 + 0.001 * Double($0) })
    history.detectChanges()
    #expect(!history.changes.isEmpty)
    let data = try JSONEncoder().encode(history)
    #expect(try JSONDecoder().decode(HistorySeries.self, from: data) == history)
  }

  @Test("The default place follows the XDG base directories")
  func location() {
    #expect(HistoryLocation.path(["XDG_DATA_HOME": "/data", "HOME": "/home/u"]) == "/data/nearmetal/history.sqlite")
    #expect(
      HistoryLocation.path(["XDG_DATA_HOME": "not/absolute", "HOME": "/home/u"])
        == "/home/u/.local/share/nearmetal/history.sqlite")
    #expect(HistoryLocation.path(["HOME": "/home/u"]) == "/home/u/.local/share/nearmetal/history.sqlite")
  }
}
