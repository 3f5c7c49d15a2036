import Results

/// Splits the vCPU's time per operation where several are in flight: the device works on some while the vCPU works on others,
/// so that only the vCPU's own time adds up. The rest of it is waiting.
struct OverlappedSplit {
  private var builder: SplitBuilder

  init(_ subject: AttributionSubject, _ table: CostTable, _ level: Double) {
    builder = SplitBuilder(subject, table, level)
    builder.addExits()
    if subject.path.mode == .polled {
      // A polling vCPU is never idle: its CPU time does not tell work from waiting.
      builder.note(
        "not separated: the guest's driver and the hand-off between CPUs: a polling vCPU is busy all the time")
    } else {
      builder.add(
        .halts, "halt, interrupt and wake-up", counter: "vcpu.halt_exits", cost: "exits.irqfd.halt")
      addGuest(exits: zip(builder.total, builder.rest).map { $0 - $1 })
    }
    addWaiting()
    builder.note(
      "several operations are in flight: these are parts of the vCPU's time per operation, and the device works beside it"
    )
  }

  var record: AttributionRecord { builder.record() }

  /// CPU time of the vCPU's thread that no exit explains: the guest's driver and workload.
  private mutating func addGuest(exits: [Double]) {
    let name = "guest: driver, workload, checks"
    let pairs = builder.subject.pairs
    let times = pairs.compactMap { pair in pair.leg.cpuSeconds.vcpu.map { $0 * 1e9 / pair.operations } }
    guard times.count == pairs.count else {
      builder.note("not separated: \(name): the vCPU thread's CPU time was not measured")
      return
    }
    let values = pairs.indices.map { max(0, min(times[$0], builder.total[$0]) - exits[$0]) }
    builder.add(.guest, name, values, source: "CPU time of the vCPU's thread less the exits above")
  }

  /// Waiting that the native leg has as well. More than that is no property of the device, and stays in the residual.
  private mutating func addWaiting() {
    let values = zip(builder.native, builder.rest).map { max(0, min($0, $1)) }
    builder.add(
      .backend, "device and backend, where the vCPU waits for it", values,
      source: "the native leg of the same block, \(builder.subject.basis.rawValue), at most the time that is left")
  }
}
