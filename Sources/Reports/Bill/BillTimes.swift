import Bills
import Glibc
import Results
import Statistics

/// A bill's instructions beside the times that a host was measured with, exit by exit, and the line through them: what a change of a bill is
/// worth in time there, to be confirmed by turns.
public struct BillTimes: Sendable, Encodable {
  public struct Row: Sendable, Encodable {
    public let workload: String
    public let instructions: Double
    public let nanoseconds: Double
    /// What the line makes of the instructions.
    public let fitted: Double?
  }

  public let rows: [Row]
  /// Nanoseconds that an instruction costs, and half of its 95 % interval.
  public let nanosecondsPerInstruction: Double?
  public let error: Double?
  /// Nanoseconds that an exit costs beside its instructions: what the processor takes for leaving and coming back, as far as a line can tell.
  public let intercept: Double?
  /// Standard deviation of the times about the line, in nanoseconds.
  public let scatter: Double?
  /// What is to be known before any of it is believed.
  public let remarks: [String]

  /// A line through fewer says nothing.
  private static let leastRows = 3

  /// - Returns: nil where the two have no exit in common.
  public init?(_ bill: Bill, _ result: RunResult) {
    let times = result.summaries.filter { $0.metric == "cost" && $0.path.machine == .nearmetal && $0.mean > 0 }
    let pairs = bill.lines.compactMap { line -> (name: String, x: Double, y: Double)? in
      guard line.status == .ok, let instructions = line.instructions?.value, line.path.machine == .nearmetal,
        let time = times.first(where: { $0.workload == line.workload })
      else { return nil }
      return (line.name, instructions, time.mean)
    }
    guard !pairs.isEmpty else { return nil }
    let line = pairs.count < Self.leastRows ? nil : StraightLine(pairs.map { (x: $0.x, y: $0.y) })
    rows = pairs.map {
      Row(workload: $0.name, instructions: $0.x, nanoseconds: $0.y, fitted: line?.value(at: $0.x))
    }
    (nanosecondsPerInstruction, error, scatter) = (line?.slope, line?.slopeError, line?.scatter)
    intercept = line?.intercept
    var remarks: [String] = []
    if result.host.kvm.backend.rawValue != bill.host.backendName {
      remarks.append(
        "the bill is of \(bill.host.backendName), the host's KVM is \(result.host.kvm.backend.rawValue): another code runs there, and the line "
          + "predicts nothing")
    }
    if line == nil { remarks.append("\(pairs.count) exits are too few for a line") }
    if let release = result.host.kernel["kernel.release"], release != bill.host.release {
      remarks.append("the bill is of Linux \(bill.host.release), the host runs \(release)")
    }
    self.remarks = remarks
  }

  public var text: String {
    let table = rows.map { row in
      [
        (title: "exit", text: row.workload), (title: "instructions", text: BillCells.number(row.instructions)),
        (title: "time", text: Figure.duration(row.nanoseconds)),
        (title: "by the line", text: row.fitted.map { Figure.duration(max(0, $0)) } ?? ""),
      ]
    }
    var lines = TextColumns.table(table)
    if let slope = nanosecondsPerInstruction, let intercept {
      lines +=
        "\nAn instruction is \(Figure.short(slope))\(error.map { " ± \(Figure.short($0))" } ?? "") ns; an exit costs "
      lines +=
        "\(Figure.short(intercept)) ns beside. Times lie \(scatter.map { Figure.duration($0) } ?? "?") about the line.\n"
    }
    return lines + remarks.map { "! \($0).\n" }.joined()
  }
}
