import Results

/// virtio with notifications: the device works on a thread of its own while the vCPU halts.
extension SerialSplit {
  /// Where the interrupt comes before the vCPU has halted, what is left of going to sleep counts, and no more:
  /// `exits.irqfd.halt` is the way there and back without any work in between, and the device's own time runs beside it.
  /// Where it comes later, the vCPU has to be woken: `exits.irqfd.wake`.
  mutating func addInterrupts() {
    let name = "halt, interrupt and wake-up, beyond the device's time"
    guard let halts = builder.counts("vcpu.halt_exits"), let interrupts = builder.counts("monitor.interrupts") else {
      builder.note("not separated: \(name): vcpu.halt_exits or monitor.interrupts was not counted")
      return
    }
    let asleep = zip(halts, interrupts).map { min($0, $1) }
    if asleep.contains(where: { $0 > 0 }), let halting = builder.cost("exits.irqfd.halt", for: name),
      let waking = builder.cost("exits.irqfd.wake", for: name)
    {
      let whole = zip(asleep, builder.native).map { $0 * max(waking.median, halting.median - $1) }
      // The spread of the cost that decides.
      let isWoken = waking.median > halting.median - SplitBuilder.mean(builder.native)
      addHalts(whole, counts: asleep, spread: isWoken ? waking.spread : halting.spread)
    }
    let awake = zip(interrupts, asleep).map { $0 - $1 }
    if awake.contains(where: { $0 > 0.001 }),
      let cost = builder.cost("exits.irqfd", for: "interrupts to a running vCPU")
    {
      let mean = SplitBuilder.mean(awake)
      builder.add(
        .interrupts, "interrupts to a running vCPU", awake.map { $0 * cost.median }, count: mean,
        unitCost: cost.median, spread: mean * cost.spread,
        source: "(monitor.interrupts less vcpu.halt_exits) × exits.irqfd")
    }
    noteWakeups()
  }

  /// Shows the interrupt apart from the halt where it was measured. The two add up to what was measured as a whole.
  private mutating func addHalts(_ whole: [Double], counts: [Double], spread: Double) {
    let source = "vcpu.halt_exits × the greater of exits.irqfd.wake and exits.irqfd.halt less the device's time"
    let name = "halt and wake-up, beyond the device's time"
    let count = SplitBuilder.mean(counts)
    guard let handler = builder.table["exits.ipi.self"] else {
      return builder.add(
        .halts, "\(name), interrupt included", whole, count: count, unitCost: SplitBuilder.mean(whole) / count,
        spread: count * spread, source: source)
    }
    let delivery = zip(whole, counts).map { min($0, $1 * handler.median) }
    builder.add(
      .interrupts, "interrupt: injection, handler, end of interrupt", delivery, count: count,
      unitCost: SplitBuilder.mean(delivery) / count,
      source: "monitor.interrupts × exits.ipi.self, which has one register write more")
    let rest = zip(whole, delivery).map { $0 - $1 }
    builder.add(
      .halts, name, rest, count: count, unitCost: SplitBuilder.mean(rest) / count, spread: count * spread,
      source: "\(source), less the interrupt")
  }

  /// An I/O thread that had fallen asleep takes time to wake up, which no workload measures.
  private mutating func noteWakeups() {
    guard let wakeups = builder.counts("monitor.io_wakeups") else { return }
    let mean = SplitBuilder.mean(wakeups)
    guard mean > 0.05 else { return }
    let percent = (mean * 100).rounded()
    builder.note("not separated: waking the I/O thread, \(Int(percent)) times in 100 operations (monitor.io_wakeups)")
  }
}
