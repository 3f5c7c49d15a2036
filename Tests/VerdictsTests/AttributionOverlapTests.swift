import Results
import Testing

@testable import Verdicts

@Suite("AttributionOverlap")
struct AttributionOverlapTests {
  private func run(_ mode: Mode, vcpuSeconds: Double, time: Double) throws -> AttributionRecord {
    var run = AttributionMadeUp(parameters: ["backing": "direct", "bs": "4KiB", "qd": "32"])
    try run.add(.native, .native) { _ in 10_000 }
    try run.add(
      .nearmetal, mode, counts: ["monitor.doorbells": 100, "vcpu.halt_exits": 10, "monitor.interrupts": 10],
      vcpuSeconds: vcpuSeconds
    ) { _ in time }
    run.add(cost: "exits.mmio.doorbell.match", 2500)
    run.add(cost: "exits.irqfd.halt", 30_000)
    return try #require(Attribution.explain(run.result).first)
  }

  private func part(_ record: AttributionRecord, _ kind: AttributionKind) -> Double? {
    record.parts.first { $0.kind == kind }?.nanoseconds
  }

  @Test("Where the vCPU has time to spare it waits for the device, and waiting beyond the native time is unexplained")
  func deviceBound() throws {
    // 8 us of CPU time an operation: 2.5 doorbell, 3 halt, 2.5 guest; then 12 us of waiting, 10 of them the device's.
    let record = try run(.paravirtual, vcpuSeconds: 0.0008, time: 20_000)
    #expect(part(record, .doorbells) == 2500)
    #expect(part(record, .halts) == 3000)
    #expect(abs(try #require(part(record, .guest)) - 2500) < 1e-6)
    #expect(abs(try #require(part(record, .backend)) - 10_000) < 1e-6)
    #expect(abs(record.residual.nanoseconds - 2000) < 1e-6)
  }

  @Test("Where the vCPU is busy all the time the device is hidden behind it")
  func processorBound() throws {
    let record = try run(.paravirtual, vcpuSeconds: 0.002, time: 20_000)
    #expect(abs(try #require(part(record, .guest)) - 14_500) < 1e-6)
    #expect(abs(try #require(part(record, .backend))) < 1e-6)
    #expect(abs(record.residual.nanoseconds) < 1e-6)
  }

  @Test("A polling vCPU's CPU time is not taken for work")
  func polling() throws {
    let record = try run(.polled, vcpuSeconds: 0.0012, time: 12_000)
    #expect(part(record, .guest) == nil)
    #expect(part(record, .backend) == 9500)
    #expect(record.notes.contains { $0.contains("a polling vCPU is busy all the time") })
  }
}
