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

    #expect(records.map(\.path.mode) == [.emulated, .paravirtual, .polled])
    for record in records {
      let sum = record.parts.reduce(record.residual.nanoseconds) { $0 + $1.nanoseconds }
      #expect(close(sum, record.total.nanoseconds), "\(record.path.mode)")
      #expect(record.parts.allSatisfy { $0.nanoseconds >= 0 }, "\(record.path.mode)")
      #expect(Set(record.parts.map(\.name)).count == record.parts.count)
    }
  }

  @Test(
    "What a halt costs depends on whether the interrupt finds the vCPU halted",
    arguments: [
      (1000.0, UInt64(20), 30_000.0),  // on its way into the halt, beside the device's time
      (1000.0, 80, 40_000),  // KVM had to wake it up
      (60_000, 0, 40_000),  // the device took longer than the way
    ])
  func haltBesideTheDevice(native: Double, wakeups: UInt64, expected: Double) throws {
    var run = AttributionMadeUp()
    try run.add(.native, .native) { _ in native }
    try run.add(
      .nearmetal, .paravirtual,
      counts: [
        "monitor.interrupts": 100, "vcpu.halt_exits": 100, "vcpu.halt_wakeup": wakeups, "monitor.doorbells": 0,
        "monitor.io_wakeups": 30,
      ]
    ) { _ in native + expected }
    run.add(cost: "exits.irqfd.halt", 31_000)
    run.add(cost: "exits.irqfd.wake", 40_000)
    run.add(cost: "exits.ipi.self", 9000)
    let record = try #require(Attribution.explain(run.result).first)
    #expect(close(nanoseconds(record, .interrupts), 9000))
    #expect(close(nanoseconds(record, .halts), expected - 9000))
    #expect(close(record.residual.nanoseconds, 0))
    #expect(close(try #require(record.explainedShare), 1))
    #expect(record.notes.contains { $0.contains("waking the I/O thread, 30 times in 100 operations") })
  }

  @Test("A cost that nobody measured goes to the residual, and the note says how to get it")
  func missingCost() throws {
    let run = try emulated { $0.legs.removeAll { $0.workload.id == "exits.pio.user" } }
    let record = try #require(Attribution.explain(run.result).first)
    #expect(close(record.residual.nanoseconds, 3000 + 3 * 25_000))
    #expect(!record.parts.contains { $0.source.contains("port_reads") })
    #expect(
      record.notes.contains { $0.hasPrefix("not separated: port reads") && $0.contains("exits.pio.user was not") })
  }

  @Test("A counter that was unavailable in one block is no zero: the part is not separated")
  func missingCounter() throws {
    let run = try emulated { run in
      let last = run.legs.lastIndex { $0.path.mode == .emulated }!
      run.legs[last].counters.removeAll { $0.name == "monitor.port_writes" }
    }
    let record = try #require(Attribution.explain(run.result).first)
    #expect(close(record.residual.nanoseconds, 3000 + 8 * 20_000))
    #expect(record.notes.contains { $0.contains("monitor.port_writes was not counted") })
  }

  @Test("Costs of another run fill in; a block that went wrong widens an interval and moves no cost")
  func otherCosts() throws {
    let bare = try emulated { $0.legs.removeAll { $0.workload.id.hasPrefix("exits.") } }
    var costs = try emulated()
    let reads = costs.legs.indices.filter { costs.legs[$0].workload.id == "exits.pio.user" }
    for (index, cost) in zip(reads, [900_000.0, 25_000, 24_000]) { costs.legs[index].metrics[0].value = cost }
    let record = try #require(Attribution.explain(bare.result, costs: costs.result).first)
    #expect(close(nanoseconds(record, .exits), 8 * 20_000 + 3 * 25_000))
    let part = try #require(record.parts.first { $0.source.contains("port_reads") })
    #expect(try #require(part.high) - part.nanoseconds > 3 * 1000)
    let writes = try #require(record.parts.first { $0.source.contains("port_writes") })
    #expect(close(try #require(writes.high), writes.nanoseconds))
    // What a run measured itself is not replaced.
    let own = try #require(Attribution.explain(try emulated().result, costs: costs.result).first)
    #expect(close(try #require(own.parts.first { $0.source.contains("port_reads") }?.high), 3 * 25_000))
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
    #expect(none.notes.contains { $0.hasPrefix("the gap's interval holds 0") })
  }

  @Test(
    "What the backend takes on the vCPU's thread counts, and an IDE drive takes one request at a time",
    arguments: [1, 32])
  func emulatedBackend(depth: Int) throws {
    var run = AttributionMadeUp(parameters: ["backing": "direct", "bs": "4KiB", "qd": "\(depth)"])
    try run.add(.native, .native) { _ in 10_000 }
    try run.add(
      .nearmetal, .emulated,
      counts: [
        "monitor.interrupts": 0, "monitor.port_writes": 0, "monitor.backend_requests": 200,
        "monitor.backend_p50_ns": 27_000,
      ]
    ) { _ in 60_000 }
    let record = try #require(Attribution.explain(run.result).first)
    #expect(record.basis == (depth == 1 ? .medianLatency : .inverseThroughput))
    #expect(close(nanoseconds(record, .backend) + nanoseconds(record, .serialisation), 54_000))
    #expect(close(nanoseconds(record, .serialisation), depth == 1 ? 0 : 44_000))
    #expect(close(record.residual.nanoseconds, 6000))
  }

  @Test("Drivers and rings of a polling guest are what the same path takes without a device")
  func polledRings() throws {
    var run = AttributionMadeUp()
    let empty: [String: ParameterValue] = ["backing": "null", "bs": "4KiB", "qd": "1"]
    try run.add(.native, .native) { _ in 1000 }
    try run.add(.nearmetal, .polled, counts: ["monitor.doorbells": 0]) { _ in 1300 }
    try run.add(.native, .native, parameters: empty) { _ in 50 }
    try run.add(.nearmetal, .polled, parameters: empty, counts: ["monitor.doorbells": 0]) { _ in 290 }
    run.add(cost: "exits.handoff", 90)
    let records = Attribution.explain(run.result)
    let record = try #require(records.first { $0.workload["backing"] == "file" })
    #expect(close(nanoseconds(record, .handoff), 90))
    #expect(close(nanoseconds(record, .guest), 150))
    #expect(close(record.residual.nanoseconds, 60))
    let bare = try #require(records.first { $0.workload["backing"] == "null" })
    #expect(nanoseconds(bare, .guest) == 0)
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
    for index in run.legs.indices where run.legs[index].path.mode == .paravirtual {
      (run.legs[index].status, run.legs[index].reason) = (.failed, "a wrong byte")
    }
    #expect(Attribution.explain(run.result).isEmpty)
  }
}
