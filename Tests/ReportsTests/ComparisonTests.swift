import Foundation
import Reports
import Results
import Testing

@Suite("Runs side by side")
struct ComparisonTests {
  private func other(_ change: (inout RunResult) -> Void = { _ in }) -> RunResult {
    var result = MadeUp.result()
    result.run.id = "r2"
    change(&result)
    return result
  }

  @Test("Runs of one host, suite and build are comparable; equal figures have a change of 1")
  func comparable() throws {
    let comparison = RunComparison([("one", MadeUp.result()), ("two", other())])
    #expect(comparison.isComparable && comparison.isShared)
    #expect(comparison.fields.map(\.name) == ["id"])
    for series in comparison.series {
      let second = try #require(series.figures[1])
      #expect(abs((second.change ?? 0) - 1) < 1e-12, "\(series.metric)")
      #expect(series.figures[0]?.change == nil)
    }
    let text = ComparisonText.render(comparison)
    #expect(text.hasPrefix("2 runs, comparable: same host, suite, placement and kind of build.\n"))
  }

  @Test(
    "A host, suite or kind of build that differs makes runs incomparable, and stands first",
    arguments: ["fingerprint", "cpu.model", "suite", "build"])
  func incomparable(field: String) throws {
    let comparison = RunComparison([
      ("one", MadeUp.result()),
      (
        "two",
        other { result in
          result.run.startedAt = "2026-11-23T10:15:00Z"
          switch field {
          case "fingerprint": result.host.fingerprint = "beef"
          case "cpu.model": result.host.cpu["cpu.model"] = "another"
          case "suite": result.run.suite = "block"
          default: result.run.buildConfiguration = .debug
          }
        }
      ),
    ])
    #expect(!comparison.isComparable)
    #expect(comparison.fields.first?.name == field && comparison.fields.first?.meaning == .incomparable)
    #expect(ComparisonText.render(comparison).hasPrefix("2 runs, not comparable: they differ in \(field)."))
    let page = String(decoding: try ComparisonPage.render(comparison), as: UTF8.self)
    #expect(page.components(separatedBy: "<tr class=\"differs\">").count == 2)
  }

  @Test("A kernel that differs is shown, and does not make runs incomparable")
  func subject() {
    let comparison = RunComparison([
      ("one", MadeUp.result()), ("two", other { $0.host.kernel["kernel.release"] = "6.12" }),
    ])
    #expect(comparison.isComparable)
    #expect(comparison.fields.first?.meaning == .subject)
    #expect(comparison.fields.first?.values == [nil, "6.12"])
  }

  @Test("A change is turned so that more than 1.0 is better, for latencies too, and its interval holds it")
  func direction() throws {
    let faster = other { result in
      for leg in result.legs.indices {
        for metric in result.legs[leg].metrics.indices {
          let isRate = result.legs[leg].metrics[metric].direction == .higher
          result.legs[leg].metrics[metric].value *= isRate ? 1.25 : 0.8
        }
      }
    }
    let comparison = RunComparison([("one", MadeUp.result()), ("two", faster)])
    for series in comparison.series {
      let figure = try #require(series.figures[1])
      let change = try #require(figure.change)
      #expect(abs(change - 1.25) < 1e-9, "\(series.metric)")
      if let low = figure.changeLow, let high = figure.changeHigh { #expect(low <= change && change <= high) }
    }
  }

  @Test("What only some runs measured stands beside the rest, with its reason where there is one")
  func differentWorkloads() throws {
    let fewer = other { result in
      result.legs.removeAll { $0.workload.id == "boot" }
      for leg in result.legs.indices where result.legs[leg].path.mode == .polled {
        result.legs[leg].status = .skipped
        result.legs[leg].reason = "one CPU only"
        result.legs[leg].metrics = []
      }
    }
    let comparison = RunComparison([("one", MadeUp.result()), ("two", fewer), ("three", other())])
    #expect(comparison.runs.map(\.letter) == ["A", "B", "C"])
    let boot = try #require(comparison.series.first { $0.workload.id == "boot" })
    #expect(boot.figures[1] == nil && boot.figures[2] != nil && boot.absent == ["B": "not part of the run"])
    let polled = try #require(comparison.series.first { $0.path.mode == .polled })
    #expect(polled.absent == ["B": "skipped: one CPU only"])
    let text = ComparisonText.render(comparison)
    #expect(text.contains("B: block.randread bs=4KiB qd=1, nearmetal polled: skipped: one CPU only"))
  }

  @Test("Runs without a figure in common are said to have none")
  func nothingShared() {
    let empty = other { $0.legs = [] }
    let comparison = RunComparison([("one", MadeUp.result()), ("two", empty)])
    #expect(!comparison.isShared)
    #expect(ComparisonText.render(comparison).hasPrefix("2 runs that have no figure in common"))
  }

  @Test("No control character reaches the terminal, and no text becomes an element of the page")
  func hostile() throws {
    let comparison = RunComparison([
      ("one", MadeUp.result(texts: MadeUp.hostile)),
      (MadeUp.hostile, other { $0.host.cpu["cpu.model"] = MadeUp.hostile }),
    ])
    let text = ComparisonText.render(comparison, TerminalOptions(showsAll: true))
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7f..<0xa0).contains($0.value) })
    let page = String(decoding: try ComparisonPage.render(comparison), as: UTF8.self)
    #expect(!page.contains("<script>alert"))
    #expect(page.components(separatedBy: "<script").count == 3)
  }
}
