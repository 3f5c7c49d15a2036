import Results
import Testing

@testable import Verdicts

@Suite("AttributionText")
struct AttributionTextTests {
  private func result() throws -> RunResult {
    var run = AttributionMadeUp()
    try run.add(.native, .native) { _ in 1000 }
    try run.add(
      .nearmetal, .paravirtual,
      counts: ["monitor.interrupts": 100, "vcpu.halt_exits": 100, "monitor.doorbells": 50]
    ) { _ in 40_000 }
    try run.add(.native, .native, "block.rate", parameters: ["rate": "5000"]) { _ in 1000 }
    run.add(cost: "exits.mmio.doorbell.match", 2000)
    run.add(cost: "exits.irqfd.halt", 35_000)
    run.add(cost: "exits.irqfd.wake", 20_000)
    return run.result
  }

  @Test("Rows, total and residual stand in the text, with counts and costs")
  func rows() throws {
    let text = AttributionText.render(Attribution.explain(try result()))
    let lines = text.split(separator: "\n").map(String.init)
    #expect(
      lines[0]
        == "block.randread backing=file bs=4KiB qd=1, nearmetal paravirtual: us an operation (latency.p50, 3 blocks)")
    let doorbells = try #require(lines.first { $0.contains("doorbells, answered in the kernel") })
    #expect(doorbells.contains(" 1.00 [1.00, 1.00] ") && doorbells.hasSuffix("| 0.50 x 2.00 us"))
    let total = try #require(lines.first { $0.hasPrefix("  total ") })
    #expect(total.contains(" 40.00 ") && total.hasSuffix("100.0 % |####################|"))
    #expect(text.contains("gap to native 39.00 us, explained 89.7 %; residual 4.00 us [4.00, 4.00]"))
  }

  @Test("A selection takes an id with any of its parameters, and says what is there when it finds nothing")
  func selection() throws {
    let result = try result()
    #expect(try Attribution.explain(result, selecting: nil).count == 1)
    #expect(try Attribution.explain(result, selecting: "block.randread qd=1").count == 1)
    let present = ["block.randread backing=file bs=4KiB qd=1"]
    #expect(throws: AttributionError.noSuchWorkload("block.randread qd=2", present: present)) {
      try Attribution.explain(result, selecting: "block.randread qd=2")
    }
    #expect(throws: AttributionError.noSplit("block.rate", present: present)) {
      try Attribution.explain(result, selecting: "block.rate")
    }
    var empty = result
    empty.legs = []
    #expect(throws: AttributionError.nothingToExplain) { try Attribution.explain(empty, selecting: nil) }
    for error in [
      AttributionError.nothingToExplain, .noSplit("a", present: []), .noSuchWorkload("b", present: present),
    ] {
      #expect(!error.description.contains("\n"))
    }
  }
}
