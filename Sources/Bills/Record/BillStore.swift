import LinuxSystem
import Results

/// `bill.json` in a bill's directory: keys sorted, the same bytes for the same bill.
public enum BillStore {
  public static let fileName = "bill.json"
  /// Longest file that is read: a bill with functions is far shorter.
  private static let limit = 64 << 20

  public static func encode(_ bill: Bill) throws(JSONProblem) -> [UInt8] { try JSONText.encode(bill) }

  /// Reads a bill from its file, or from the directory that holds it.
  public static func read(_ path: String) throws(DocumentReadError) -> Bill {
    let (file, bytes) = try SchemaDocument.read(path, fileName: fileName, limit: limit)
    return try decode(bytes, path: file)
  }

  /// Reads a bill from the bytes of a file, which messages call `path`.
  public static func decode(_ bytes: [UInt8], path: String) throws(DocumentReadError) -> Bill {
    let bill: Bill = try SchemaDocument.decode(bytes, path: path, schema: Bill.currentSchema) {
      () throws(JSONProblem) in try JSONText.decode(from: bytes)
    }
    if let problem = problem(in: bill) {
      throw .malformed(path: path, place: problem.place, expected: problem.expected)
    }
    return bill
  }

  /// What a bill must hold besides the right types. The published JSON Schema says the same where it can.
  private static func problem(in bill: Bill) -> (place: String, expected: String)? {
    if !(1...2).contains(bill.run.passes) { return ("run.passes", "expected 1 or 2, found \(bill.run.passes)") }
    struct Slot: Hashable {
      let workload: Workload
      let path: Path
    }
    var slots: Set<Slot> = []
    for (index, line) in bill.lines.enumerated() {
      let place = "lines[\(index)]"
      guard slots.insert(Slot(workload: line.workload, path: line.path)).inserted else {
        return (place, "expected one line of a workload and path, found \(line.name) again")
      }
      if (line.status == .ok) != (line.instructions != nil) {
        return ("\(place).instructions", "expected them exactly in a line that is ok")
      }
      if line.status != .ok, (line.reason ?? "").isEmpty {
        return ("\(place).reason", "expected why the line is \(line.status.rawValue)")
      }
      let figures = [line.instructions, line.mean, line.operations].compactMap(\.self)
      if figures.contains(where: { $0.passes.count != bill.run.passes || $0.low < 0 }) {
        return (place, "expected a figure from 0 for each of \(bill.run.passes) passes")
      }
      if line.counts.values.contains(where: { !(1...bill.run.passes).contains($0.passes.count) || $0.low < 0 }) {
        return ("\(place).counts", "expected figures from 0 of 1 to \(bill.run.passes) passes")
      }
    }
    return nil
  }
}
