import Bills
import Results

/// What is to be said of a bill besides its table.
enum BillRemarks {
  /// Lines without figures, with the reason; exits that are none on this backend; monitors beside each other.
  static func of(_ bill: Bill) -> [String] {
    bill.lines.filter { $0.status != .ok }.map { "\($0.status.rawValue): \($0.name): \($0.reason ?? "")" }
      + (withoutExits(bill).map { [$0] } ?? []) + monitors(bill)
  }

  /// Fewer exits an operation than the host's timer may add.
  private static let none = 0.05

  private static func withoutExits(_ bill: Bill) -> String? {
    let names = bill.lines.filter { line in
      line.workload.id.hasPrefix("exits.") && (line.counts[BillCount.exits.rawValue]?.value ?? 1) < none
    }.map(\.name)
    return names.isEmpty ? nil : "no exits on \(bill.host.backendName): \(names.joined(separator: ", "))"
  }

  /// What the monitors and their libraries take of an operation that more than one of them was billed for.
  private static func monitors(_ bill: Bill) -> [String] {
    bill.lines.enumerated().compactMap { index, line in
      let others = bill.lines[(index + 1)...].filter {
        $0.workload == line.workload && $0.path.mode == line.path.mode && userSpace($0) != nil
      }
      guard let own = userSpace(line), !others.isEmpty else { return nil }
      let parts = others.compactMap { other in
        userSpace(other).map { amount in
          "\(other.path.machine.rawValue) \(BillCells.number(amount))"
            + (amount > 0 ? " (\(BillCells.hundredths(own / amount)) of that)" : "")
        }
      }
      return
        "in user space, \(line.workload), \(line.path.mode.rawValue): \(line.path.machine.rawValue) \(BillCells.number(own)), \(parts.joined(separator: ", "))"
    }
  }

  /// Instructions of the monitor and its libraries; nil where the layers are not told apart.
  private static func userSpace(_ line: BillLine) -> Double? {
    line.layers.map { ($0[BillLayer.monitor.rawValue] ?? 0) + ($0[BillLayer.libraries.rawValue] ?? 0) }
  }
}
