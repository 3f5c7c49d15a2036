import Results
import Testing

@testable import Verdicts

@Suite("AttributionSerial")
struct AttributionSerialTests {
  /// Emulated: 1 us natively; 8 port writes at 20 us, 3 reads at 25 us, an interrupt of 32 − 20 us; 251 us in all.
  private func emulated(_ change: (inout AttributionMadeUp) -> Void = { _ in }) throws -> AttributionMadeUp {
    var run = AttributionMadeUp()
    try run.add(.native, .native) { _ in 1000 }
    try run.add(
      .nearmetal, .emulated,
      counts: ["monitor.port_writes": 800, "monitor.port_reads": 300, "monitor.interrupts": 100, "vcpu.halt_exits": 5]
    ) { _ in 251_000 }
    run.add(cost: "exits.pio.user", 25_000)
    run.add(cost: "exits.pio.user.write", 20_000)
    run.add(cost: "exits.mmio.user.write", 20_000)
    run.add(cost: "exits.irqfd.self", 32_000)
    change(&run)
    return run
  }

  private func nanoseconds(_ record: AttributionRecord, _ kind: AttributionKind) -> Double {
    record.parts.filter { $0.kind == kind }.reduce(0) { $0 + $1.nanoseconds }
  }

  private func close(_ one: Double, _ other: Double) -> Bool { abs(one - other) < 1e-6 * max(1, abs(other)) }

  @Test("An emulated read splits into backend, accesses and interrupt, and what is left is the residual")
  func emulatedSplit() throws {
    let records = Attribution.explain(try emulated().result)
    let record = try #require(records.first)
    #expect(records.count == 1)
    #expect(record.basis == .medianLatency)
    #expect(close(nanoseconds(record, .backend), 1000))
    #expect(close(nanoseconds(record, .exits), 8 * 20_000 + 3 * 25_000))
    #expect(close(nanoseconds(record, .interrupts), 12_000))
    #expect(close(record.residual.nanoseconds, 3000))
    #expect(close(try #require(record.explainedShare), 1 - 3000.0 / 250_000))
    let writes = try #require(record.parts.first { $0.source == "monitor.port_writes × exits.pio.user.write" })
    #expect(writes.count == 8)
    #expect(writes.unitCost == 20_000)
  }

  @Test("Parts and residual add up to the total in every mode and at every depth", arguments: [1, 32])
  func addsUp(depth: Int) throws {
    var run = AttributionMadeUp(parameters: ["backing": "direct", "bs": "4KiB", "qd": "\(depth)"])
    try run.add(.native, .native) { 40_000 + 100 * Double($0) }
    let counts: [String: UInt64] = [
      "monitor.port_writes": 0, "monitor.port_reads": 0, "monitor.mmio_writes": 3, "monitor.mmio_reads": 1,
      "monitor.doorbells": 20, "monitor.interrupts": 110, "vcpu.halt_exits": 90,
    ]
    for mode in [Mode.emulated, .paravirtual, .polled] {
      try run.add(.nearmetal, mode, counts: counts, vcpuSeconds: 0.004) { 90_000 - 300 * Double($0) }
    }
    for (workload, cost) in [
      "exits.mmio.doorbell.match": 2500, "exits.mmio.user": 25_000, "exits.mmio.user.write": 24_000,
      "exits.irqfd": 22_000, "exits.irqfd.halt": 31_000, "exits.irqfd.wake": 40_000, "exits.irqfd.self": 33_000,
      "exits.pio.user.write": 20_000, "exits.ipi.self": 9000, "exits.handoff": 120,
    ] as [String: Double] { run.add(cost: workload, cost) }

    let records = Attribution.explain(run.result)

    #expect(records.map(\.mode) == [.emulated, .paravirtual, .polled])
    for record in records {
      let sum = record.parts.reduce(record.residual.nanoseconds) { $0 + $1.nanoseconds }
      #expect(close(sum, record.total.nanoseconds), "\(record.mode)")
      #expect(record.parts.allSatisfy { $0.nanoseconds >= 0 }, "\(record.mode)")
      #expect(Set(record.parts.map(\.name)).count == record.parts.count)
    }
  }

  @Test("What a halt costs beyond the device depends on whether the device or the way into the halt takes longer")
  func haltBesideTheDevice() throws {
    for (native, expected) in [(1000.0, 30_000.0), (60_000, 20_000)] {
      var run = AttributionMadeUp()
      try run.add(.native, .native) { _ in native }
      try run.add(
        .nearmetal, .paravirtual,
        counts: ["monitor.interrupts": 100, "vcpu.halt_exits": 100, "monitor.doorbells": 0]
      ) { _ in native + expected }
      run.add(cost: "exits.irqfd.halt", 31_000)
      run.add(cost: "exits.irqfd.wake", 20_000)
      let record = try #require(Attribution.explain(run.result).first)
      #expect(close(nanoseconds(record, .halts), expected))
      #expect(close(record.residual.nanoseconds, 0))
      #expect(close(try #require(record.explainedShare), 1))
    }
  }

  @Test("A cost that nobody measured goes to the residual, and the note says how to get it")
  func missingCost() throws {
    let run = try emulated { $0.legs.removeAll { $0.workload == "exits.pio.user" } }
    let record = try #require(Attribution.explain(run.result).first)
    #expect(close(record.residual.nanoseconds, 3000 + 3 * 25_000))
    #expect(!record.parts.contains { $0.source.contains("port_reads") })
    #expect(
      record.notes.contains { $0.hasPrefix("not separated: port reads") && $0.contains("exits.pio.user was not") })
  }

  @Test("A counter that was unavailable in one block is no zero: the part is not separated")
  func missingCounter() throws {
    let run = try emulated { run in
      let last = run.legs.lastIndex { $0.mode == .emulated }!
      run.legs[last].counters.removeAll { $0.name == "monitor.port_writes" }
    }
    let record = try #require(Attribution.explain(run.result).first)
    #expect(close(record.residual.nanoseconds, 3000 + 8 * 20_000))
    #expect(record.notes.contains { $0.contains("monitor.port_writes was not counted") })
  }

  @Test("Costs of another run fill in, and their spread widens the part's interval")
  func otherCosts() throws {
    let bare = try emulated { $0.legs.removeAll { $0.workload.hasPrefix("exits.") } }
    var costs = try emulated()
    let noisy = costs.legs.firstIndex { $0.workload == "exits.pio.user" }!
    costs.legs[noisy].metrics[0].value = 28_000
    let record = try #require(Attribution.explain(bare.result, costs: costs.result).first)
    #expect(close(nanoseconds(record, .exits), 8 * 20_000 + 3 * 26_000))
    let reads = try #require(record.parts.first { $0.source.contains("port_reads") })
    #expect(try #require(reads.high) - reads.nanoseconds > 3 * 1000)
    let writes = try #require(record.parts.first { $0.source.contains("port_writes") })
    #expect(try #require(writes.high) == writes.nanoseconds)
  }

  @Test("A single block has no interval, and equal times have no gap to explain")
  func edges() throws {
    var single = try emulated()
    single.legs.removeAll { $0.block > 0 }
    let one = try #require(Attribution.explain(single.result).first)
    #expect(one.total.low == nil && one.residual.high == nil && one.explainedShare != nil)

    var equal = AttributionMadeUp()
    try equal.add(.native, .native) { 1000 + Double($0) }
    try equal.add(.nearmetal, .polled) { 1001 - Double($0) }
    let none = try #require(Attribution.explain(equal.result).first)
    #expect(none.explainedShare == nil)
    #expect(none.notes.contains { $0.hasPrefix("no gap beyond noise") })
  }

  @Test("Sleeping for the backend, and one request at a time, are measured natively")
  func emulatedDirectInDepth() throws {
    var run = AttributionMadeUp(parameters: ["backing": "direct", "bs": "4KiB", "qd": "32"])
    try run.add(.native, .native) { _ in 10_000 }
    try run.add(.native, .native, parameters: ["backing": "direct", "bs": "4KiB", "qd": "1"]) { _ in 40_000 }
    try run.add(
      .native, .native, parameters: ["backing": "direct", "bs": "4KiB", "qd": "1", "wait": "sleep"]
    ) { _ in 55_000 }
    try run.add(.nearmetal, .emulated, counts: ["monitor.interrupts": 0, "monitor.port_writes": 0]) { _ in 60_000 }
    let record = try #require(Attribution.explain(run.result).first)
    #expect(record.basis == .inverseThroughput)
    #expect(close(nanoseconds(record, .serialisation), 30_000))
    #expect(close(nanoseconds(record, .backend), 25_000))
    #expect(close(record.residual.nanoseconds, 5000))
  }

  @Test("Open loops, failed legs, other machines and legs without a native counterpart have no split")
  func noSplit() throws {
    var run = AttributionMadeUp()
    try run.add(.native, .native, parameters: ["rate": "5000"]) { _ in 1000 }
    try run.add(.nearmetal, .polled, parameters: ["rate": "5000"]) { _ in 2000 }
    try run.add(.native, .native) { _ in 1000 }
    try run.add(.qemu, .emulated) { _ in 2000 }
    try run.add(.nearmetal, .polled, parameters: ["qd": "2"]) { _ in 2000 }
    try run.add(.nearmetal, .paravirtual) { _ in 2000 }
    for index in run.legs.indices where run.legs[index].mode == .paravirtual {
      (run.legs[index].status, run.legs[index].reason) = (.failed, "a wrong byte")
    }
    #expect(Attribution.explain(run.result).isEmpty)
  }
}
