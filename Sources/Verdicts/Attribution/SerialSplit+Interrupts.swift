import Results

/// virtio with notifications: the device works on a thread of its own while the vCPU halts.
extension SerialSplit {
  /// An interrupt that comes while the vCPU is on its way into the halt spares the wake-up: `exits.irqfd.halt` is the way there
  /// and back without any work in between, the device's own time runs beside it, and what is left of the way counts. One that
  /// comes later has to wake the vCPU: `exits.irqfd.wake`.
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
      let woken = isWoken(halts, halting)
      let costs = builder.native.indices.map { woken[$0] ? waking.median : max(0, halting.median - builder.native[$0]) }
      let usesWaking = woken.count { $0 } * 2 > woken.count
      addHalts(
        zip(asleep, costs).map { $0 * $1 }, counts: asleep, spread: usesWaking ? waking.spread : halting.spread,
        source: usesWaking ? "exits.irqfd.wake" : "(exits.irqfd.halt less the device's time)")
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

  /// Whether the interrupt of most operations found the vCPU halted, by pair: KVM had to wake it up, or the device took longer
  /// than the whole way into the halt and back.
  private func isWoken(_ halts: [Double], _ halting: CostTable.Cost) -> [Bool] {
    let wakeups = builder.counts("vcpu.halt_wakeup") ?? halts.map { _ in 0 }
    return halts.indices.map { wakeups[$0] > halts[$0] / 2 || builder.native[$0] > halting.median }
  }

  /// Shows the interrupt apart from the halt where it was measured. The two add up to what was measured as a whole.
  private mutating func addHalts(_ whole: [Double], counts: [Double], spread: Double, source cost: String) {
    let source = "vcpu.halt_exits × \(cost)"
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
    let times = Int(exactly: percent).map(String.init) ?? "\(percent)"
    builder.note("not separated: waking the I/O thread, \(times) times in 100 operations (monitor.io_wakeups)")
  }
}
