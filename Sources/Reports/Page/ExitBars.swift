import Results

/// How often a guest left, by kind and mode, from KVM's own statistics: for one operation where every operation was timed,
/// else for one window.
struct ExitBars {
  private let groups: [BarsPlot.Group]
  private let unit: String

  /// KVM's names of the kinds (Documentation/virt/kvm/api.rst, binary statistics), and what they are called here.
  private static let kinds = [
    "vcpu.halt_exits": "halt", "vcpu.irq_exits": "host's interrupts", "vcpu.irq_window_exits": "interrupt window",
    "vcpu.nmi_window_exits": "NMI window", "vcpu.signal_exits": "signals", "vcpu.request_irq_exits": "requests",
    "vcpu.hypercalls": "hypercalls",
  ]

  /// Device accesses as the monitor counted them, where it did: exact on every backend.
  private static let accesses = [
    "monitor.port_reads": "port reads", "monitor.port_writes": "port writes", "monitor.mmio_reads": "register reads",
    "monitor.mmio_writes": "register writes", "monitor.doorbells": "doorbells",
  ]

  /// The same as KVM counts them; a backend without hardware help leaves them at zero.
  private static let accessesByKVM = ["vcpu.io_exits": "port I/O", "vcpu.mmio_exits": "MMIO"]

  /// Nil where nobody counted exits.
  init?(_ series: WorkloadSeries) {
    let guests = series.lines.filter { line in line.legs.contains { leg in leg.counters.contains(where: Self.isTotal) }
    }
    let operations = guests.flatMap(\.legs).map { ($0.id, CounterTable.operations(of: $0)) }
    let isPerOperation = operations.allSatisfy { $0.1 != nil }
    let scale = Dictionary(operations.map { ($0.0, $0.1 ?? 1) }, uniquingKeysWith: { first, _ in first })
    unit = isPerOperation ? "an operation" : "a window"
    groups = guests.map { line in
      let means = CounterRow.means(line.legs) { isPerOperation ? scale[$0.id] ?? 1 : 1 }
      return BarsPlot.Group(name: line.path.short, style: "p-\(line.path.mode.rawValue)", bars: Self.bars(means))
    }.filter { !$0.bars.isEmpty }
    if groups.isEmpty { return nil }
  }

  private static func isTotal(_ counter: CounterRecord) -> Bool { counter.name == "vcpu.exits" && counter.value != nil }

  /// The kinds that happened, most frequent first, and what the kinds leave of the total.
  private static func bars(_ means: [String: Double]) -> [BarsPlot.Bar] {
    guard let total = means["vcpu.exits"] else { return [] }
    let isCounted = accesses.keys.contains { means[$0] != nil }
    let named = kinds.merging(isCounted ? accesses : accessesByKVM) { first, _ in first }
    let known = named.compactMap { key, name in means[key].map { (name, $0) } }.filter { $0.1 > 0 }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    let rest = total - known.reduce(0) { $0 + $1.1 }
    var bars = known.map { BarsPlot.Bar(name: $0.0, amount: $0.1, figure: Figure.short($0.1)) }
    if rest > total * 1e-6 { bars.append(BarsPlot.Bar(name: "others", amount: rest, figure: Figure.short(rest))) }
    if bars.isEmpty { bars.append(BarsPlot.Bar(name: "none", amount: 0, figure: "0")) }
    return bars
  }

  func plot(id: String, title: String) -> PlotView {
    let bars = BarsPlot(groups: groups)
    return PlotView(
      caption: "Exits by kind, for \(unit), mean over the blocks",
      svg: bars.svg(
        id: id, title: "\(title): exits by kind",
        description: "Bars for each of \(groups.map(\.name).joined(separator: ", ")); the figures stand at their ends.")
    )
  }
}
