import Results

/// Splits the time of an operation that has the machine to itself: what happens to it happens one after the other, and adds
/// up, but for what the vCPU does while the device works.
struct SerialSplit {
  private var builder: SplitBuilder

  init(_ subject: AttributionSubject, _ table: CostTable, _ level: Double) {
    builder = SplitBuilder(subject, table, level)
    builder.add(
      .backend, "device and backend", builder.native,
      source: "the native leg of the same block, \(subject.basis.rawValue)")
    if subject.mode == .emulated {
      addSerialisation()
      addSleep()
    }
    builder.addExits()
    switch subject.mode {
    case .emulated: addOwnInterrupts()
    case .polled: addHandoff()
    default: addInterrupts()
    }
  }

  var record: AttributionRecord { builder.record() }

  private var pairs: [AttributionPair] { builder.subject.pairs }
  private var blocks: [Int] { pairs.map(\.block) }

  // MARK: Emulated: the device works on the vCPU's thread, one request at a time

  /// The native leg keeps its depth in flight; an IDE drive takes one request at a time.
  private mutating func addSerialisation() {
    let subject = builder.subject
    guard subject.depth > 1 else { return }
    var single = subject.parameters
    single["qd"] = "1"
    let name = "one request at a time, where the native leg has \(subject.depth) in flight"
    guard let alone = builder.table.native(subject.workload, single, .inverseThroughput, blocks: blocks) else {
      let missing = WorkloadName.text(subject.workload, single)
      builder.note("not separated: \(name): \(missing) was not measured natively")
      return
    }
    builder.add(
      .serialisation, name, zip(alone, builder.native).map { $0 - $1 },
      source: "native \(WorkloadName.text(subject.workload, single)) less this workload")
  }

  /// The monitor sleeps until an engine is done that works by itself; the native leg looks until it is.
  private mutating func addSleep() {
    let subject = builder.subject
    guard subject.parameters["backing"] == "direct" else { return }
    var asleep = subject.parameters
    asleep["qd"] = "1"
    var polling = asleep
    asleep["wait"] = "sleep"
    polling["wait"] = nil
    let basis = subject.basis
    let name = "sleeping until the backend is done, where the native leg polls"
    guard let slept = builder.table.native(subject.workload, asleep, basis, blocks: blocks),
      let polled = builder.table.native(subject.workload, polling, basis, blocks: blocks)
    else {
      let missing = WorkloadName.text(subject.workload, asleep)
      builder.note("not separated: \(name): \(missing) was not measured natively")
      return
    }
    builder.add(
      .backend, name, zip(slept, polled).map { $0 - $1 },
      source: "native \(WorkloadName.text(subject.workload, asleep)) less the same with polling")
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
    let costs = blocks.map { max(0, raised[$0] - exit[$0]) }
    let mean = SplitBuilder.mean(counts)
    builder.add(
      .interrupts, name, zip(counts, costs).map { $0 * $1 }, count: mean, unitCost: SplitBuilder.mean(costs),
      spread: mean * (raised.spread * raised.spread + exit.spread * exit.spread).squareRoot(),
      source: "monitor.interrupts × (exits.irqfd.self less exits.mmio.user.write)")
  }

  // MARK: virtio: the device works on a thread of its own

  private mutating func addHandoff() {
    let name = "hand-off to the other CPU and back"
    guard let cost = builder.cost("exits.handoff", for: name) else { return }
    let values = blocks.map { cost[$0] }
    builder.add(
      .handoff, name, values, count: 1, unitCost: SplitBuilder.mean(values), spread: cost.spread,
      source: "one a request × exits.handoff")
  }

  /// The vCPU halts while the device works. Where the interrupt comes before it has halted, what is left of going to sleep
  /// counts, and no more: `exits.irqfd.halt` is the way there and back without any work in between, the device's own time
  /// runs beside it. Where it comes later, the vCPU has to be woken: `exits.irqfd.wake`.
  private mutating func addInterrupts() {
    let name = "halt, interrupt and wake-up, beyond the device's time"
    guard let halts = builder.counts("vcpu.halt_exits"), let interrupts = builder.counts("monitor.interrupts") else {
      builder.note("not separated: \(name): vcpu.halt_exits or monitor.interrupts was not counted")
      return
    }
    let slept = zip(halts, interrupts).map { min($0, $1) }
    if slept.contains(where: { $0 > 0 }), let halting = builder.cost("exits.irqfd.halt", for: name),
      let waking = builder.cost("exits.irqfd.wake", for: name)
    {
      let costs = pairs.indices.map { max(waking[blocks[$0]], halting[blocks[$0]] - builder.native[$0]) }
      addSplit(zip(slept, costs).map { $0 * $1 }, counts: slept, spread: max(waking.spread, halting.spread))
    }
    let awake = zip(interrupts, slept).map { $0 - $1 }
    if awake.contains(where: { $0 > 0.001 }),
      let cost = builder.cost("exits.irqfd", for: "interrupts to a running vCPU")
    {
      let mean = SplitBuilder.mean(awake)
      builder.add(
        .interrupts, "interrupts to a running vCPU", zip(awake, blocks).map { $0 * cost[$1] }, count: mean,
        unitCost: SplitBuilder.mean(blocks.map { cost[$0] }), spread: mean * cost.spread,
        source: "(monitor.interrupts less vcpu.halt_exits) × exits.irqfd")
    }
  }

  /// Shows the handler apart from the rest where it was measured. The two add up to what was measured as a whole.
  private mutating func addSplit(_ whole: [Double], counts: [Double], spread: Double) {
    let source = "vcpu.halt_exits × the greater of exits.irqfd.wake and exits.irqfd.halt less the device's time"
    let count = SplitBuilder.mean(counts)
    guard let handler = builder.table["exits.ipi.self"] else {
      builder.add(
        .halts, "halt, interrupt and wake-up, beyond the device's time", whole, count: count,
        unitCost: count > 0 ? SplitBuilder.mean(whole) / count : nil, spread: count * spread, source: source)
      return
    }
    let delivery = zip(whole.indices, whole).map { min($1, counts[$0] * handler[blocks[$0]]) }
    builder.add(
      .interrupts, "interrupt: injection, handler, end of interrupt", delivery, count: count,
      unitCost: count > 0 ? SplitBuilder.mean(delivery) / count : nil,
      source: "monitor.interrupts × exits.ipi.self, which has one register write more")
    let rest = zip(whole, delivery).map { $0 - $1 }
    builder.add(
      .halts, "halt and wake-up, beyond the device's time", rest, count: count,
      unitCost: count > 0 ? SplitBuilder.mean(rest) / count : nil, spread: count * spread,
      source: "\(source), less the interrupt")
  }
}
