import Results

/// Splits the time of an operation that has the machine to itself: what happens to it happens one after the other, and adds
/// up, but for what the vCPU does while the device works.
struct SerialSplit {
  var builder: SplitBuilder

  init(_ subject: AttributionSubject, _ table: CostTable, _ level: Double) {
    builder = SplitBuilder(subject, table, level)
    builder.add(
      .backend, "device and backend", builder.native,
      source: "the native leg of the same block, \(subject.basis.rawValue)")
    if subject.path.mode == .emulated { addEmulatedBackend() }
    builder.addExits()
    switch subject.path.mode {
    case .emulated: addOwnInterrupts()
    case .polled: addHandoff()
    default: addInterrupts()
    }
  }

  var record: AttributionRecord { builder.record() }

  // MARK: Emulated: the device works on the vCPU's thread, one request at a time

  /// The drive calls the engine on the vCPU's thread and sleeps until it is done; the native leg polls, on the CPU of I/O
  /// threads, and keeps its depth in flight. What the engine takes there is measured around the call.
  private mutating func addEmulatedBackend() {
    let subject = builder.subject
    let isDeep = subject.depth > 1
    let name =
      isDeep
      ? "backend: one request at a time on the vCPU's thread, not \(subject.depth) in flight"
      : "backend: more than natively, slept for on the vCPU's thread"
    guard let requests = builder.counts("monitor.backend_requests"),
      let times = builder.gauges("monitor.backend_p50_ns")
    else {
      builder.note("not separated: \(name): monitor.backend_requests or monitor.backend_p50_ns was not counted")
      return
    }
    let values = requests.indices.map { requests[$0] * times[$0] - builder.native[$0] }
    builder.add(
      isDeep ? .serialisation : .backend, name, values,
      source: "monitor.backend_requests × monitor.backend_p50_ns, less the native leg")
  }

  /// The device raises its interrupt while the vCPU's thread is in the monitor.
  private mutating func addOwnInterrupts() {
    let name = "interrupts: delivery, handler, and a halt where one comes late"
    guard let counts = builder.counts("monitor.interrupts") else {
      builder.note("not separated: \(name): monitor.interrupts was not counted")
      return
    }
    guard counts.contains(where: { $0 > 0 }), let raised = builder.cost("exits.irqfd.self", for: name),
      let exit = builder.cost("exits.mmio.user.write", for: name)
    else { return }
    let cost = max(0, raised.median - exit.median)
    let mean = SplitBuilder.mean(counts)
    builder.add(
      .interrupts, name, counts.map { $0 * cost }, count: mean, unitCost: cost,
      spread: mean * (raised.spread * raised.spread + exit.spread * exit.spread).squareRoot(),
      source: "monitor.interrupts × (exits.irqfd.self less exits.mmio.user.write)")
  }

  // MARK: Polled: requests and completions cross between two CPUs

  private mutating func addHandoff() {
    let name = "hand-off to the other CPU and back"
    guard let cost = builder.cost("exits.handoff", for: name) else { return }
    builder.add(
      .handoff, name, builder.native.map { _ in cost.median }, count: 1, unitCost: cost.median, spread: cost.spread,
      source: "one an operation × exits.handoff")
    addRings(cost)
  }

  /// The same path without a device: drivers and rings on both sides, and the hand-off, which was counted before.
  private mutating func addRings(_ handoff: CostTable.Cost) {
    let subject = builder.subject
    guard subject.workload["backing"] != "null" else { return }
    let name = "drivers and rings on both sides"
    var empty = subject.workload
    empty.parameters["backing"] = "null"
    let blocks = subject.pairs.map(\.block)
    func times(_ path: Path) -> [Double]? { builder.table.times(path, empty, subject.basis, blocks: blocks) }
    guard let guest = times(subject.path), let native = times(.native) else {
      builder.note(
        "not separated: \(name): \(empty) was not measured in every block")
      return
    }
    builder.add(
      .guest, name, zip(guest, native).map { $0 - $1 - handoff.median },
      source: "\(empty) less the same natively, less the hand-off")
  }
}
