import Results

/// What the exits of an operation were, from the counting pass: by the processor's names where KVM's module of the backend traces
/// each exit with its reason, else by what KVM had to handle.
struct ExitNames {
  private let counted: CountedRecord

  /// - Returns: nil where the workload was not counted in this mode.
  init?(_ workload: Workload, _ path: Path, in result: RunResult) {
    guard
      let record = result.counted?.first(where: { $0.workload == workload && $0.path == path }), record.operations > 0
    else { return nil }
    counted = record
  }

  /// One sentence, most frequent first; nil where exits were not counted.
  var note: String? {
    guard let exits = value("vcpu.exits") else { return nil }
    let named = byReason
    if !named.isEmpty { return "exits an operation by name (kvm:kvm_exit): \(list(named))" }
    guard exits > 0 else { return nil }
    let handled = list(Self.handled.compactMap { name, counter in value(counter).map { (name, $0) } })
    return
      "exits an operation: \(text(exits)); the module of this backend names none of them (kvm:kvm_exit stays 0); KVM handled "
      + (handled.isEmpty ? "nothing that it counts" : handled)
  }

  /// What code counts that all backends share. On PVM some of it happens in KVM's emulator, within an exit for something else:
  /// these add up to no number of exits.
  private static let handled = [
    ("port accesses", "kvm:kvm_pio"), ("register accesses", "kvm:kvm_mmio"), ("page faults", "vcpu.pf_taken"),
    ("halts", "vcpu.halt_exits"), ("hypercalls", "vcpu.hypercalls"), ("MSR accesses", "kvm:kvm_msr"),
    ("host interrupts", "vcpu.irq_exits"), ("interrupts injected", "vcpu.irq_injections"),
    ("instructions emulated", "kvm:kvm_emulate_insn"),
  ]

  private var byReason: [(String, Double)] {
    let prefix = "kvm:kvm_exit{exit_reason="
    return counted.counters.compactMap { counter in
      guard counter.name.hasPrefix(prefix), let value = value(counter.name) else { return nil }
      return (String(counter.name.dropFirst(prefix.count).dropLast()), value)
    }
  }

  /// For each operation; nil where nobody counted.
  private func value(_ name: String) -> Double? {
    counted.counters.first { $0.name == name }?.value.map { Double($0) / Double(counted.operations) }
  }

  private func list(_ values: [(String, Double)]) -> String {
    values.filter { $0.1 >= 0.005 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { "\($0.0) \(text($0.1))" }
      .joined(separator: ", ")
  }

  private func text(_ value: Double) -> String {
    let hundredths = Int((min(value, 1e12) * 100).rounded())
    let fraction = "\(hundredths % 100)"
    return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction)"
  }
}
