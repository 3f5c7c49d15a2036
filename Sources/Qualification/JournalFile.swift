import Results

/// The journal of a qualification as a file: JSON, a line an entry.
public enum JournalFile {
  public static let name = "journal.jsonl"
  public static let currentSchema = "nearmetal.journal/1"

  /// Reads a journal's bytes; messages call its file `path`.
  public static func parse(_ bytes: [UInt8], path: String) throws(QualificationError) -> [JournalEntry] {
    var entries: [JournalEntry] = []
    for line in bytes.split(separator: 0x0a) {
      entries.append(try JSONFile.decode(Array(line), path: "\(path):\(entries.count + 1)"))
    }
    guard let header = entries.first?.header, header.schema == currentSchema else {
      throw .usage("\(path):1: expected the first line of a journal of the schema \(currentSchema)")
    }
    return entries
  }
}
